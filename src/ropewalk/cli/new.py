"""`ropewalk new`: a plugin of one's own, ready to be installed and edited."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ropewalk.errors import ConfigError

NEXT = """\
{folder} is ready:
{files}

Install it, see it listed, and run it:
  pip install -e {folder}
  ropewalk plugins
  ropewalk run {folder}/run.toml
"""


def new(
    kind: Annotated[str, typer.Argument(metavar="KIND", help="strategy, policy or observer.", show_default=False)],
    name: Annotated[str, typer.Argument(metavar="NAME", help="Its name, such as my-idea.", show_default=False)],
    into: Annotated[Path, typer.Option("--into", metavar="DIR", help="Where its folder is made.")] = Path(),
) -> None:
    """
    Write a new plugin, ready to be installed and edited.

    It is a distribution with its entry point, its code, a passing test, a README and a run file.
    """
    from ropewalk.cli.scaffold import scaffold

    folder = into / name
    files = scaffold(kind, name)
    if folder.exists():
        raise ConfigError(f"{folder} is there already; take another name, or another place with --into DIR")
    try:
        for path, text in files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{error.filename} cannot be written: {error.strerror}") from error
    typer.echo(NEXT.format(folder=folder, files="\n".join(f"  {path}" for path in files)), nl=False)
