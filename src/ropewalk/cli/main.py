"""
The command `ropewalk`: its options, and how whatever goes wrong is told.

Exit codes: 0 done, 2 cannot run, 130 interrupted. Heavy imports stand inside the commands, so that
`--help` is quick.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from ropewalk import __version__
from ropewalk.cli.demo import demo
from ropewalk.cli.run import run
from ropewalk.cli.screen import tolerate_plain_streams
from ropewalk.errors import RopewalkError


class Commands(TyperGroup):
    """The group of all commands: turns errors into one readable message, unless asked for the traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run a command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader, such as `head`, has seen enough; Python's own flush at exit must not complain either.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(0) from None
        except RopewalkError as error:
            if ctx.params["debug"]:
                raise
            typer.echo(f"ropewalk: {error}", err=True)
            raise typer.Exit(2) from error


app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with: ropewalk demo",
)
app.command()(demo)
app.command()(run)


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
    tolerate_plain_streams()
    try:
        app()
    except Exception as error:
        if "--debug" in sys.argv or isinstance(error, RopewalkError):
            raise
        typer.echo(
            f"ropewalk: a defect of ropewalk's own: {type(error).__name__}: {error}\n"
            "`ropewalk --debug …` shows where; please report it with that",
            err=True,
        )
        sys.exit(2)
