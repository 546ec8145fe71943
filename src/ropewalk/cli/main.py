"""
The command `ropewalk`: its options, and how whatever goes wrong is told.

Exit codes: 0 done, clean or equal; 1 damaged or diverged; 2 cannot run; 3 incomplete but sound; 130 interrupted.
With `--json` stdout has one JSON value, also when something goes wrong: then it is `error` and `exit_code`.
Heavy imports stand inside the commands, so that `--help` is quick.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from ropewalk import __version__
from ropewalk.cli.check_determinism import check_determinism
from ropewalk.cli.check_lookahead import check_lookahead
from ropewalk.cli.compare import compare
from ropewalk.cli.counterfactual import counterfactual
from ropewalk.cli.demo import demo
from ropewalk.cli.diff import diff
from ropewalk.cli.explain import explain
from ropewalk.cli.export import export
from ropewalk.cli.new import new
from ropewalk.cli.plugins import plugins
from ropewalk.cli.recover import recover
from ropewalk.cli.regret import regret
from ropewalk.cli.replay import replay
from ropewalk.cli.report import report
from ropewalk.cli.resume import resume
from ropewalk.cli.run import run
from ropewalk.cli.runs import runs
from ropewalk.cli.screen import abandon_stdout, replace_closed_streams, say_error, tolerate_plain_streams
from ropewalk.cli.show import show
from ropewalk.cli.sql import sql
from ropewalk.cli.told import AS_JSON, CANNOT_RUN, Told
from ropewalk.cli.verify import verify
from ropewalk.errors import RopewalkError

if TYPE_CHECKING:
    from collections.abc import Iterator


class Commands(TyperGroup):
    """The group of all commands."""

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Read the options; help and version are printed here."""
        with _readers_may_leave():
            return super().make_context(*arguments, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        with _readers_may_leave():
            return super().invoke(ctx)


@contextmanager
def _readers_may_leave() -> Iterator[None]:
    """End quietly when the reader of stdout, such as `head`, has seen enough."""
    try:
        yield
    except BrokenPipeError:
        abandon_stdout()
        raise typer.Exit(0) from None


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: ropewalk demo",
)
COMMANDS = (
    *(demo, run, runs, report, show, compare, sql, export, explain, counterfactual, regret),
    *(verify, replay, resume, diff, recover, check_determinism, check_lookahead),
)
for command in COMMANDS:
    app.command(cls=Told)(command)
app.command(cls=Told)(new)
app.add_typer(plugins, name="plugins")


def _version(is_asked: bool) -> None:
    if is_asked:
        typer.echo(f"ropewalk {__version__}")
        raise typer.Exit


@app.callback()
def options(
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks instead of messages.")] = False,
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """
    Run many trading strategies as one portfolio, on one event stream.

    Every strategy has its own capital and its own book; every intent gets a decision; the books add up
    to the account exactly.
    """


def main() -> None:
    """Run the command line; what nobody foresaw is told in one line too."""
    replace_closed_streams()
    tolerate_plain_streams()
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv or isinstance(error, RopewalkError):
            raise
        if AS_JSON in sys.argv and not (isinstance(error, OSError) and error.filename is None):
            say_error(_unforeseen(error), CANNOT_RUN)
        typer.echo(f"ropewalk: {_unforeseen(error)}", err=True)
        if isinstance(error, OSError):
            abandon_stdout()
        sys.exit(CANNOT_RUN)


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OSError):
        what = "the output cannot be written" if error.filename is None else repr(error.filename)
        return f"{what}: {error.strerror or error}"
    return (
        f"a defect of ropewalk's own: {type(error).__name__}: {error}\n"
        "`ropewalk --debug …` shows where; please report it with that"
    )
