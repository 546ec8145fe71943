"""Told: commands whose errors are one readable message, and JSON where that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand, TyperGroup

from ropewalk.cli.screen import say_error
from ropewalk.errors import DamagedError, DivergedError, RopewalkError

if TYPE_CHECKING:
    from collections.abc import Callable

AS_JSON = "--json"
DAMAGED, CANNOT_RUN = 1, 2
"""Exit codes: a journal that is damaged or a run that diverges, and anything else that cannot be done."""


def _options(read: Callable[..., Any], *arguments: Any, **extra: Any) -> Any:
    given = arguments[1] if len(arguments) > 1 else extra.get("args", ())
    as_json = AS_JSON in given
    try:
        return read(*arguments, **extra)
    except Exception as error:
        # Which class tells of wrong options depends on the version of typer; all of them can say so.
        message = getattr(error, "format_message", None)
        if as_json and message is not None:
            say_error(message(), CANNOT_RUN)
        raise


def _answer(run: Callable[[Any], Any], ctx: Any) -> Any:
    try:
        return run(ctx)
    except RopewalkError as error:
        code = DAMAGED if isinstance(error, (DamagedError, DivergedError)) else CANNOT_RUN
        if ctx.params.get("as_json"):
            say_error(str(error), code)
        if ctx.find_root().params["debug"]:
            raise
        for line in (str(error), *getattr(error, "__notes__", ())):
            typer.echo(f"ropewalk: {line}", err=True)
        raise typer.Exit(code) from error


class Told(TyperCommand):
    """A command."""

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Read the options."""
        return _options(super().make_context, *arguments, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command."""
        return _answer(super().invoke, ctx)


class ToldGroup(TyperGroup):
    """A command that has commands of its own."""

    def make_context(self, *arguments: Any, **extra: Any) -> Any:
        """Read the options."""
        return _options(super().make_context, *arguments, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Run the command, or the one of its own that is asked for."""
        return _answer(super().invoke, ctx)
