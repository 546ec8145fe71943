"""Prints: what plugins print while a run goes on has a bound, so that a screen or a log file is not flooded."""

from __future__ import annotations

import io
import sys
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from typing import TYPE_CHECKING, Any, TextIO

import typer

if TYPE_CHECKING:
    from collections.abc import Iterator

LINES_MAX = 1_000
"""Lines that may be printed during a run unless it is said otherwise."""
LINE_MAX = 1_000
"""Characters that count as a line where nothing ends it."""


class Bounded(io.TextIOBase):
    """A stream that lets so many lines pass and counts the others; for all else it is the stream behind it."""

    def __init__(self, stream: TextIO, lines_max: int) -> None:
        self._stream = stream
        self._characters_left = lines_max * LINE_MAX
        self._lines_left = lines_max
        self._is_mid_line = False
        self.left_out = 0

    def write(self, text: str) -> int:
        """Let a text pass as far as there is room."""
        lines = text.splitlines(keepends=True)
        room = 0
        for line in lines:
            begins = 0 if self._is_mid_line else 1
            if self._lines_left < begins or self._characters_left < len(line):
                self._lines_left = self._characters_left = 0
                self.left_out += begins
            else:
                self._lines_left -= begins
                self._characters_left -= len(line)
                room += len(line)
            self._is_mid_line = not line.endswith("\n")
        if room:
            self._stream.write(text[:room])
        return len(text)

    def flush(self) -> None:
        """Hand on what passed."""
        self._stream.flush()

    def fileno(self) -> int:
        """Say which file is behind it: whoever writes there passes by."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Tell whether people see it."""
        return self._stream.isatty()

    def writable(self) -> bool:
        """Tell that it can be written."""
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """How characters become bytes."""
        return self._stream.encoding

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        """What becomes of characters that have no bytes."""
        return self._stream.errors

    @property
    def buffer(self) -> Any:
        """What takes bytes: whoever writes there passes by."""
        return self._stream.buffer


@contextmanager
def bounded_prints(lines_max: int = LINES_MAX) -> Iterator[None]:
    """Bound what is printed on stdout and on stderr within this context, and say afterwards what was left out."""
    out, err = Bounded(sys.stdout, lines_max), Bounded(sys.stderr, lines_max)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            yield
    finally:
        left_out = out.left_out + err.left_out
        if left_out:
            typer.echo(
                f"ropewalk: {left_out:,} more lines were printed during the run and are left out; --prints N shows "
                "up to N of stdout and of stderr",
                err=True,
            )
