"""
Processes of their own, without the second that importing takes.

A warm process imports what commands import, once, and forks for whatever it is asked to run: a program, a script, or
the command itself. Each of these has its own folder, environment, streams and process id, what it imports or changes is
gone with it, and it may be signalled or killed; only what a fresh interpreter does before the first line is not done
again. Where that is the point (hash seeds, redirected streams, what an import costs) a test starts an interpreter.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import random
import runpy
import signal
import socket
import subprocess
import sys
import time
import traceback
import warnings
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parents[1]
SEARCHED = os.pathsep.join(filter(None, [str(ROOT / "src"), os.environ.get("PYTHONPATH")]))
IMPORTED = (
    "numpy",
    "polars",
    "rich.table",
    "jinja2",
    "ropewalk.cli.main",
    "ropewalk.journal",
    "ropewalk.run_file",
    "ropewalk.testing",
    "ropewalk.reports.page.page",
)
# A process that has threads cannot be forked: none of these starts any before it has something to do.
THREADLESS = {"OPENBLAS_NUM_THREADS": "1", "_RJEM_MALLOC_CONF": "background_thread:false"}
SECONDS_MAX = 120


# ── asking ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class Warm:
    """A warm process and the way to it; ends with whoever started it."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        # Whatever a program prints is written as it would be anywhere, and a warning is an error.
        environment = {**os.environ, **THREADLESS, "PYTHONPATH": SEARCHED, "PYTHONUTF8": "1"}
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-W", "error", str(Path(__file__).resolve()), str(theirs.fileno())],
                env=environment,
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.socket = ours
        self.answers = ours.makefile("r", encoding="utf-8")
        atexit.register(self.close)

    def close(self) -> None:
        self.answers.close()
        self.socket.close()
        self.process.wait()

    def run(
        self, arguments: Sequence[str], *, cwd: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """
        Run what `python` would be asked to: `-c CODE`, `-m MODULE` or a script, and their arguments.

        The environment is this process's, changed by `environment`, and finds the package by PYTHONPATH.
        """
        with TemporaryDirectory(prefix="warm-") as streams:
            asked = {
                "arguments": list(arguments),
                "cwd": str(cwd or Path.cwd()),
                "environment": {**os.environ, "PYTHONPATH": SEARCHED, **(environment or {})},
                "streams": streams,
            }
            self.socket.sendall((json.dumps(asked) + "\n").encode())
            code = int(self.answers.readline())
            output, errors = (Path(streams, name).read_text("utf-8", "replace") for name in ("out", "err"))
        if code == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(list(arguments), SECONDS_MAX, output, errors)
        return subprocess.CompletedProcess(list(arguments), code, output, errors)


@cache
def warm() -> Warm:
    """The warm process of this one."""
    return Warm()


# ── answering ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def serve(file_number: int) -> None:
    """Be the warm process: fork for each line that comes, and say how it ended."""
    searched = [entry for entry in sys.path[1:] if entry not in SEARCHED.split(os.pathsep)]
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    with socket.socket(fileno=file_number) as to_asker, to_asker.makefile("r", encoding="utf-8") as lines:
        for line in lines:
            asked = json.loads(line)
            process_id = fork()
            if not process_id:
                to_asker.detach()
                run(asked, searched)
            _, status = os.waitpid(process_id, 0)
            to_asker.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def fork() -> int:
    with warnings.catch_warnings():
        # Later Pythons count threads that only wait, as polars has one.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def run(asked: dict[str, Any], searched: list[str]) -> NoReturn:
    """Be the process that was asked for, to its end."""
    code = 1
    try:
        settle(asked, searched)
        code = walked(asked["arguments"])
    except BaseException:  # noqa: BLE001 - as an interpreter does
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code)


def settle(asked: dict[str, Any], searched: list[str]) -> None:
    """Take on the folder, the environment, the streams and the chance of a process that has just begun."""
    atexit._clear()
    # Nobody hears it, so that it ends a process that does not end.
    signal.alarm(SECONDS_MAX)
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    os.chdir(asked["cwd"])
    for number, name, mode in ((1, "out", "w"), (2, "err", "w")):
        with Path(asked["streams"], name).open(mode, encoding="utf-8") as file:
            os.dup2(file.fileno(), number)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )
    given = [entry for entry in asked["environment"].get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:] = ["", *given, *searched]
    importlib.invalidate_caches()
    random.seed()
    sys.modules["__main__"] = ModuleType("__main__")


def walked(arguments: list[str]) -> int:
    """Run a program, a module or a script, and return the exit code."""
    first, *others = arguments
    try:
        if first == "-c":
            sys.argv[:] = ["-c", *others[1:]]
            exec(compile(others[0], "<string>", "exec"), sys.modules["__main__"].__dict__)
        elif first == "-m":
            sys.argv[:] = others
            sys.path[0] = os.getcwd()
            runpy.run_module(others[0], run_name="__main__", alter_sys=True)
        else:
            sys.argv[:] = arguments
            sys.path[0] = str(Path(first).resolve().parent)
            runpy.run_path(first, run_name="__main__")
    except SystemExit as ending:
        if ending.code is None or isinstance(ending.code, int):
            return ending.code or 0
        print(ending.code, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    serve(int(sys.argv[1]))
