"""`ropewalk plugins`: what is plugged in, where from, and whether it can be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ropewalk.cli.places import AsJson, PluginFolders
from ropewalk.cli.screen import answer, reserved_stdout
from ropewalk.cli.told import Told, ToldGroup
from ropewalk.errors import ConfigError, PluginError, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Group

    from ropewalk.plugins import Catalog, Found

plugins = typer.Typer(
    cls=ToldGroup,
    help="List what is plugged in, with versions, where from, and what cannot be used and why.",
    invoke_without_command=True,
)


@plugins.callback()
def listed(
    context: typer.Context,
    folders: PluginFolders = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="Also list what comes with ropewalk.")] = False,
    as_json: AsJson = False,
) -> None:
    """
    List what is plugged in: installed distributions, then plugin folders.

    Each is imported, and made where it needs no settings, to see whether it can be; a run does so only with what it
    names. Exit code 0: nothing was in the way, 1: some cannot be used.
    """
    if context.invoked_subcommand is not None:
        return
    from ropewalk.plugins import Catalog

    catalog = Catalog(folders or ())
    with reserved_stdout(is_wanted=as_json):
        found = [one for one in catalog.every() if shipped or one.is_plugin]
        rows = [_row(catalog, one) for one in found]
    strays = catalog.strays()
    told: Any = _shown(rows, strays) if rows or strays else NOTHING
    said = {"plugins": rows, "strays": strays}
    answer(told, said, as_json=as_json, exit_code=int(bool(strays) or any(row["problem"] for row in rows)))


UNUSABLE = "cannot be used"
NOTHING = "nothing is plugged in; `ropewalk new strategy NAME` writes a plugin, --plugins DIR looks into a folder"


@plugins.command("check", cls=Told)
def check(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="Its name, or path/to/file.py:Class.", show_default=False)
    ],
    kind: Annotated[
        str | None,
        typer.Option("--kind", metavar="KIND", help="Its kind, where several have the name.", show_default=False),
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="A setting, as TOML writes it.", show_default=False),
    ] = None,
    folders: PluginFolders = None,
    as_json: AsJson = False,
) -> None:
    """
    Check a plugin as ropewalk's own are checked.

    Protocol, what all share in a process, determinism, look-ahead, and its speed a bar. Exit code 0: passed, 1: failed,
    2: there is no such plugin.
    """
    from ropewalk.run_file.text import pairs_of
    from ropewalk.testing import check_plugin

    given = pairs_of(settings or ())
    report = check_plugin(_kind(name, kind, folders or ()), name, settings=given, plugins=folders or ())
    answer(report, report.to_dict(), as_json=as_json, exit_code=report.exit_code)


def _kind(name: str, kind: str | None, folders: Sequence[Path]) -> str:
    """Find the kind of what has a name. Raises PluginError where there is none, ConfigError where it is not clear."""
    from ropewalk.plugins import POINTS, Catalog

    if kind is not None:
        if kind not in POINTS:
            raise ConfigError(f"there is no kind {kind!r}; {did_you_mean(kind, POINTS)}")
        return kind
    catalog = Catalog(folders)
    every = [one for one in catalog.every() if one.name == name]
    kinds = list(dict.fromkeys(one.point.kind for one in every))
    if ":" in name:
        return _fitting(catalog, name)
    if not kinds:
        known = list(dict.fromkeys(one.name for one in catalog.every()))
        raise PluginError(f"there is no plugin {name!r}; {did_you_mean(name, known)}")
    if len(kinds) > 1:
        raise ConfigError(f"{name!r} is {' and '.join(kinds)}; say which with --kind")
    return kinds[0]


def _fitting(catalog: Catalog, name: str) -> str:
    """Find the kind that a class fits."""
    from ropewalk.plugins import POINTS

    problem: PluginError | None = None
    for kind in POINTS:
        try:
            if catalog.find(kind, name).load():
                return kind
        except PluginError as error:
            problem = problem or error
    raise problem or PluginError(f"{name} is no plugin")


def _row(catalog: Catalog, one: Found) -> dict[str, Any]:
    from ropewalk.config.plugged import needed_settings
    from ropewalk.plugins.plugged import Plugged

    problem = ""
    needed: list[str] = []
    try:
        # A name that two plugins have is a problem of both.
        if one.home == one.name or one.point.shipped.get(one.name) != one.home:
            _reachable(catalog, one)
        needed = needed_settings(one.load())
        if not needed:
            Plugged(one, {}).make()
    except (PluginError, ConfigError) as error:
        problem = str(error)
    return {
        "kind": one.point.kind,
        "name": one.name,
        "version": one.version,
        "where": one.home,
        "named_in": one.point.named_in,
        "needs": needed,
        "problem": problem,
    }


def _reachable(catalog: Catalog, one: Found) -> None:
    if catalog.find(one.point.kind, one.name) is not one:
        raise PluginError(f"ropewalk has a {one.point.kind} {one.name!r} of its own, which is what the name means")


def _shown(rows: Sequence[dict[str, Any]], strays: Sequence[str]) -> Group:
    from rich import box
    from rich.console import Group
    from rich.markup import escape
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("kind", "name", "version", "where"):
        table.add_column(title, no_wrap=title in ("kind", "name"), overflow="fold")
    table.add_column("", min_width=len(UNUSABLE), overflow="fold")
    for row in rows:
        version = row["version"] or "—"
        table.add_row(row["kind"], escape(row["name"]), escape(version), escape(row["where"]), _state(row))
    problems = (f"{row['kind']} {row['name']}: {row['problem']}" for row in rows if row["problem"])
    return Group(table, *map(Text, (*problems, *strays)))


def _state(row: dict[str, Any]) -> str:
    if row["problem"]:
        return f"[red]{UNUSABLE}[/]"
    # Whether its constructor raises shows only with settings.
    return f"[yellow]needs {', '.join(row['needs'])}[/]" if row["needs"] else "[green]ok[/]"
