"""
Run the notebooks of docs/examples and write what they print beside each cell.

    python tools/run_notebook.py            runs them and keeps what they print
    python tools/run_notebook.py --check    runs them and ends with 1 where they print something else

A folder after that is looked into instead of docs/examples.

Figures are drawn and left out of the file: what plotly stores would be a hundred times the notebook.
"""

from __future__ import annotations

import os
import sys
from difflib import unified_diff
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "docs" / "examples"
KEPT = ("text/plain", "text/html")
FIGURE = "application/vnd.plotly.v1+json"
TIMEOUT_S = 60


def ran(notebook: NotebookNode, folder: Path) -> NotebookNode:
    """Run a notebook in a folder; raises what a cell raises. What comes back has only what is kept."""
    # The kernel sees this tree, wherever it runs.
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
    where = {"metadata": {"path": str(folder)}}
    NotebookClient(notebook, kernel_name="python3", timeout=TIMEOUT_S, resources=where).execute()
    notebook.metadata = NotebookNode(notebook.metadata | {"language_info": {"name": "python"}})
    for cell in notebook.cells:
        cell.metadata = NotebookNode()
        if cell.cell_type == "code":
            cell.outputs = [_kept(output) for output in cell.outputs]
    return notebook


def _kept(output: NotebookNode) -> NotebookNode:
    if "data" not in output:
        return output
    data = output.data
    shown = {"text/plain": "a figure"} if FIGURE in data else {name: data[name] for name in KEPT if name in data}
    return NotebookNode(output | {"data": NotebookNode(shown), "metadata": NotebookNode()})


def main(folder: Path, *, is_check: bool) -> int:
    """Run all notebooks of a folder; 1 when one of them says something else than what is written."""
    code = 0
    for path in sorted(folder.glob("*.ipynb")):
        before = path.read_text(encoding="utf-8")
        after = nbformat.writes(ran(nbformat.reads(before, as_version=4), path.parent)) + "\n"
        if is_check and after != before:
            sys.stdout.write(f"{path.name} prints something else than what is written: python tools/run_notebook.py\n")
            sys.stdout.writelines(unified_diff(before.splitlines(True), after.splitlines(True), "written", "printed"))
            code = 1
        elif not is_check:
            path.write_text(after, encoding="utf-8")
    return code


if __name__ == "__main__":
    folders = [Path(given) for given in sys.argv[1:] if given != "--check"]
    sys.exit(main(*folders or [EXAMPLES], is_check="--check" in sys.argv))
