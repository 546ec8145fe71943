"""
README and docs tell the truth: every link leads somewhere and every example runs.

How an example is written in a page:

- A fence opened with ```python that holds `>>>` is a doctest. The doctests of a page share their names, in order.
- A fence opened with ```python and, as the very next fence, one opened with ```text prints, is a program and what it
  prints. It runs in a process of its own, in an empty folder, and its output is compared.
- Any other ```python fence is a fragment: it must compile.
- A fence opened with ```console holds commands, each on a line that begins with `$ ropewalk`, and below each what it
  prints; they run in the same folder after the programs of the page. A line `...` stands for any lines.
- `docs/examples/NAME.py` has its output beside it as `docs/examples/NAME.out`.
"""

from __future__ import annotations

import doctest
import re
import shlex
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import pytest

from warm import warm

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>`{3,})(?P<info>[^`\n]*)\n(?P<body>.*?)^ *(?P=ticks)`* *$", re.M | re.S)
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(\s*<?(?P<target>[^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
HEADING = re.compile(r"^#{1,6} +(?P<title>.+?)(?: +#+)? *$", re.M)
ANCHOR = re.compile(r"<a\s+(?:id|name)=\"(?P<name>[^\"]+)\"")


# ── reading a page ────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Fence:
    info: str
    body: str
    line: int


@dataclass(frozen=True)
class Examples:
    """What in a page can run: one doctest of it all, programs with their output, fragments, and command sessions."""

    doctests: list[Fence]
    programs: list[tuple[Fence, str]]
    fragments: list[Fence]
    sessions: list[Fence]

    def runnable(self) -> int:
        return len(self.doctests) + len(self.programs) + len(self.sessions)


def fences(text: str) -> list[Fence]:
    return [
        Fence(
            match["info"].strip(),
            re.sub(rf"^{match['indent']}", "", match["body"], flags=re.M),
            text.count("\n", 0, match.start()) + 2,
        )
        for match in FENCE.finditer(text)
    ]


def examples(text: str) -> Examples:
    found = Examples([], [], [], [])
    every = fences(text)
    for fence, after in zip_longest(every, every[1:]):
        if fence.info == "console":
            found.sessions.append(fence)
        if fence.info != "python":
            continue
        if re.search(r"^ *>>> ", fence.body, re.M):
            found.doctests.append(fence)
        elif after is not None and after.info == "text prints":
            found.programs.append((fence, after.body))
        else:
            found.fragments.append(fence)
    return found


def orphaned_outputs(text: str) -> list[int]:
    """Lines of ```text prints fences that no program stands before."""
    every = fences(text)
    before = [None, *every]
    return [
        fence.line
        for program, fence in zip(before, every, strict=False)
        if fence.info == "text prints"
        and (program is None or program.info != "python" or re.search(r"^ *>>> ", program.body, re.M))
    ]


def prose(text: str) -> str:
    """The page without its fences and inline code, where brackets are no links."""
    return re.sub(r"(`+)(?!`).+?(?<!`)\1(?!`)", "", FENCE.sub("", text))


def anchors(text: str) -> set[str]:
    """The names that headings get when a forge shows the page, and those written out."""
    names: set[str] = set()
    seen: dict[str, int] = {}
    for match in HEADING.finditer(FENCE.sub("", text)):
        title = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", match["title"])
        name = re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")
        names.add(f"{name}-{seen[name]}" if name in seen else name)
        seen[name] = seen.get(name, 0) + 1
    return names | {match["name"] for match in ANCHOR.finditer(text)}


def broken_links(page: Path, *, root: Path) -> list[str]:
    broken = []
    text = page.read_text(encoding="utf-8")
    for match in LINK.finditer(prose(text)):
        target = match["target"]
        if re.match(r"[a-z][a-z+.-]*:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page.resolve()
        if not file.is_relative_to(root.resolve()):
            broken.append(f"{target}: leaves the tree")
        elif not file.exists():
            broken.append(f"{target}: there is no such file")
        elif anchor and (file.suffix != ".md" or anchor not in anchors(file.read_text(encoding="utf-8"))):
            broken.append(f"{target}: there is no such heading")
    return broken


# ── running what it says ──────────────────────────────────────────────────────────────────────────────────────────────


def printed(asked: list[str], folder: Path) -> str:
    """What a program prints, in a folder of its own and with nothing of this terminal about it."""
    answer = warm().run(asked, cwd=folder, environment={"COLUMNS": "100", "NO_COLOR": "1", "TZ": "UTC"})
    assert answer.returncode == 0, f"it ended with {answer.returncode}:\n{answer.stdout}{answer.stderr}"
    return trimmed(answer.stdout)


def trimmed(text: str) -> str:
    """Without the spaces at line ends that editors take away."""
    return "\n".join(line.rstrip() for line in text.rstrip().splitlines())


def run_page(page: Path, folder: Path) -> None:
    """Run every example of a page; AssertionError or SyntaxError names the one that fails."""
    text = page.read_text(encoding="utf-8")
    orphans = orphaned_outputs(text)
    assert not orphans, f"{page.name}: no program stands before the output at line {orphans[0]}"
    found = examples(text)
    for fence in found.fragments:
        compile("\n" * (fence.line - 1) + fence.body, str(page), "exec")
    # Blank lines keep the line numbers of the page, so that a failure names its line.
    whole = [""] * text.count("\n")
    for fence in found.doctests:
        lines = fence.body.splitlines()
        whole[fence.line - 1 : fence.line - 1 + len(lines)] = lines
    test = doctest.DocTestParser().get_doctest("\n".join(whole) + "\n", {}, page.name, str(page), 0)
    said: list[str] = []
    doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(test, out=said.append)
    assert not said, "".join(said)
    for fence, output in found.programs:
        assert printed(["-c", fence.body], folder) == trimmed(output), f"{page.name}, line {fence.line}"
    for fence in found.sessions:
        run_session(fence, folder, page.name)


def run_session(fence: Fence, folder: Path, page: str) -> None:
    """Run the commands of a fence and compare what each prints with what stands below it."""
    before, *commands = re.split(r"^\$ ", fence.body, flags=re.M)
    assert not before.strip(), f"{page}, line {fence.line}: a session begins with a command"
    for command in commands:
        asked, _, wanted = command.partition("\n")
        name, *arguments = shlex.split(asked)
        assert name == "ropewalk", f"{page}, line {fence.line}: {name!r} is no command of ours"
        said = printed(["-m", "ropewalk", *arguments], folder)
        is_same = doctest.OutputChecker().check_output(trimmed(wanted), said, doctest.ELLIPSIS)
        assert is_same, f"{page}, line {fence.line}: `{asked}` prints\n{said}"


def run_example(example: Path, folder: Path) -> None:
    output = example.with_suffix(".out")
    assert output.exists(), f"{example.name} has no {output.name} beside it"
    assert printed([str(example)], folder) == trimmed(output.read_text(encoding="utf-8"))


# ── our pages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def our_pages() -> list[Path]:
    every = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("plugins/**/*.md")]
    return sorted(page.relative_to(ROOT) for page in every if page.exists())


def our_examples() -> list[Path]:
    return sorted(path.relative_to(ROOT) for path in ROOT.glob("docs/examples/*.py"))


@pytest.mark.parametrize("page", our_pages(), ids=str)
def test_every_link_leads_somewhere(page: Path) -> None:
    assert broken_links(ROOT / page, root=ROOT) == []


@pytest.mark.parametrize("page", our_pages(), ids=str)
def test_every_example_of_a_page_runs(page: Path, tmp_path: Path) -> None:
    run_page(ROOT / page, tmp_path)


@pytest.mark.parametrize("example", our_examples(), ids=str)
def test_an_example_prints_what_stands_beside_it(example: Path, tmp_path: Path) -> None:
    run_example(ROOT / example, tmp_path)


def test_no_output_stands_without_its_example() -> None:
    assert [path.name for path in ROOT.glob("docs/examples/*.out") if not path.with_suffix(".py").exists()] == []


def test_the_readme_shows_something_that_runs() -> None:
    """The first page a stranger reads has an example, and it works."""
    readme = ROOT / "README.md"
    assert readme.exists(), "README.md is missing"
    assert examples(readme.read_text(encoding="utf-8")).runnable() >= 1, "README.md has no runnable example"


# ── the checks can fail ───────────────────────────────────────────────────────────────────────────────────────────────

TRUE_PAGE = """
# A page, with `code`: and more

See [the heading](#a-page-with-code-and-more), [a file](other.md#there), [outside](https://example.org/x),
and `[no](link)`.

```python
>>> half = 3 / 2
```
```python
>>> half
1.5
```

```python
for number in range(2):
    print(number, end=" \\n")
```

and this

```text prints
0
1
```

```python
async def fragment(): ...
```

```toml
[no](link.md)
```

```console
$ ropewalk runs .
there are no runs in .
$ ropewalk --version
ropewalk ...
```
"""


def written(folder: Path, text: str) -> Path:
    (folder / "other.md").write_text("## There\n\n## There\n", encoding="utf-8")
    page = folder / "page.md"
    page.write_text(text, encoding="utf-8")
    return page


def test_a_true_page_passes(tmp_path: Path) -> None:
    page = written(tmp_path, TRUE_PAGE)
    run_page(page, tmp_path)
    assert broken_links(page, root=tmp_path) == []
    found = examples(TRUE_PAGE)
    assert (len(found.doctests), len(found.programs), len(found.fragments), len(found.sessions)) == (2, 1, 1, 1)


@pytest.mark.parametrize(
    ("was", "becomes", "line"),
    [
        ("1.5", "1.25", "line 11"),
        ("\n0\n1\n", "\n0\n2\n", "line 16"),
        ("range(2)", "range(1 / 0)", "ZeroDivisionError"),
        ("async def fragment(): ...", "async fragment", "SyntaxError"),
        ("```python\nfor", "```toml\nfor", "no program stands before"),
        ("there are no runs", "there are ten runs", "`ropewalk runs .` prints"),
        ("$ ropewalk runs", "$ backtest runs", "no command of ours"),
        ("runs .", "runs nowhere", "ended with 2"),
    ],
)
def test_a_page_that_lies_fails(tmp_path: Path, was: str, becomes: str, line: str) -> None:
    assert was in TRUE_PAGE
    page = written(tmp_path, TRUE_PAGE.replace(was, becomes))
    with pytest.raises((AssertionError, SyntaxError)) as caught:
        run_page(page, tmp_path)
    assert line in f"{caught.typename}: {caught.value}"


@pytest.mark.parametrize(
    ("link", "fault"),
    [
        ("[a](missing.md)", "no such file"),
        ("[a](#nowhere)", "no such heading"),
        ("[a](other.md#elsewhere)", "no such heading"),
        ("[a](other.md#there-2)", "no such heading"),
        ("![a](missing.svg)", "no such file"),
        ("[`a`](missing.md)", "no such file"),
        ("[a](../../outside.md)", "leaves the tree"),
    ],
)
def test_a_broken_link_is_found(tmp_path: Path, link: str, fault: str) -> None:
    (broken,) = broken_links(written(tmp_path, f"# Page\n\nText {link} text [fine](other.md#there-1)."), root=tmp_path)
    assert fault in broken


def test_an_example_needs_its_output(tmp_path: Path) -> None:
    example = tmp_path / "hello.py"
    example.write_text("print('hello')\n", encoding="utf-8")
    with pytest.raises(AssertionError, match=r"no hello\.out"):
        run_example(example, tmp_path)
    example.with_suffix(".out").write_text("hello\n", encoding="utf-8")
    run_example(example, tmp_path)
    example.with_suffix(".out").write_text("goodbye\n", encoding="utf-8")
    with pytest.raises(AssertionError):
        run_example(example, tmp_path)
