"""
Processes of their own, without the second that importing takes.

A warm process imports what commands import, once, and forks for whatever it is asked to run: a program, a script, or
the command itself. Each of these has its own folder, environment, streams and process id, what it imports or changes is
gone with it, and it may be signalled or killed; only what a fresh interpreter does before the first line is not done
again. Where that is the point (redirected streams, what an import costs) a test starts an interpreter.

Started as a script this is either end: `warm.py serve` is the warm process, `warm.py ask` stands for `python`.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import importlib.util
import json
import os
import random
import runpy
import select
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
from tempfile import TemporaryDirectory, TemporaryFile
from types import ModuleType
from typing import Any, NoReturn

FILE = Path(__file__).resolve()
PYTHON = sys.executable
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


def where_we_import() -> str:
    """Name in a PYTHONPATH the package that this process has: of this tree or installed, compiled or not."""
    package = importlib.util.find_spec("ropewalk")
    assert package is not None
    assert package.origin is not None
    return os.pathsep.join(filter(None, [str(Path(package.origin).parents[1]), os.environ.get("PYTHONPATH")]))


class Warm:
    """A warm process and the way to it; ends with whoever started it."""

    def __init__(self, *flags: str, hash_seed: str = "random") -> None:
        self.folder = TemporaryDirectory(prefix="warm-")
        self.place = str(Path(self.folder.name, "socket"))
        ours, theirs = socket.socketpair()
        # Whatever a program prints is written as it would be anywhere.
        environment = {**os.environ, **THREADLESS, "PYTHONPATH": where_we_import(), "PYTHONUTF8": "1"}
        with theirs:
            self.process = subprocess.Popen(
                [PYTHON, *flags, str(FILE), "serve", self.place, str(theirs.fileno())],
                env={**environment, "PYTHONHASHSEED": hash_seed},
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
            )
        self.lifeline = ours
        assert ours.recv(1) == b"y", "the warm process did not begin"
        atexit.register(self.close)

    def close(self) -> None:
        self.lifeline.close()
        self.process.wait()
        self.folder.cleanup()

    def run(
        self, arguments: Sequence[str], *, cwd: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """
        Run what `python` would be asked to: `-c CODE`, `-m MODULE` or a script, and their arguments.

        The environment is this process's, changed by `environment`, and finds the package by PYTHONPATH.
        """
        around = {**os.environ, "PYTHONPATH": where_we_import(), **(environment or {})}
        with (
            TemporaryFile() as output,
            TemporaryFile() as errors,
            Path(os.devnull).open("rb") as nothing,
        ):
            streams = [one.fileno() for one in (nothing, output, errors)]
            code = asked(self.place, list(arguments), str(cwd or Path.cwd()), around, streams)
            said = []
            for stream in (output, errors):
                stream.seek(0)
                said.append(stream.read().decode("utf-8", "replace").replace("\r\n", "\n"))
        if code == -signal.SIGALRM:
            raise subprocess.TimeoutExpired(list(arguments), SECONDS_MAX, *said)
        return subprocess.CompletedProcess(list(arguments), code, *said)


def asked(place: str, arguments: list[str], cwd: str, environment: Mapping[str, str], streams: list[int]) -> int:
    """Have something run, and return how it ended: an exit code, or less than 0 for a signal."""
    told = json.dumps({"arguments": arguments, "cwd": cwd, "environment": dict(environment)}).encode()
    with socket.socket(socket.AF_UNIX) as way:
        way.connect(place)
        socket.send_fds(way, [len(told).to_bytes(8, "big")], streams)
        way.sendall(told)
        with way.makefile("r", encoding="utf-8") as answers:
            return int(answers.readline())


@cache
def warm() -> Warm:
    """The warm process of this one, in which a warning is an error."""
    return Warm("-W", "error")


@cache
def interpreter() -> str:
    """
    An executable that does what `python` does, sooner: for code that starts processes by `sys.executable`.

    There is a warm process for each hash seed that checks of determinism ask for, so that seeds are what they say.
    """
    places = {seed: Warm(hash_seed=seed).place for seed in ("random", "1", "2")}
    path = Path(Path(places["random"]).parent, "python")
    path.write_text(
        f"#!/bin/sh\nexec {sys.executable} -IS {FILE} ask '{json.dumps(places)}' \"$@\"\n", encoding="utf-8"
    )
    path.chmod(0o700)
    return str(path)


def ask(places: dict[str, str], arguments: list[str]) -> NoReturn:
    """Be `python`: have it run by the warm process of this hash seed, and end as it ended."""
    place = places[os.environ.get("PYTHONHASHSEED", "random")]
    code = asked(place, arguments, os.getcwd(), os.environ, [0, 1, 2])
    if code < 0:
        os.kill(os.getpid(), -code)
    os._exit(code)


# ── answering ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def serve(place: str, lifeline: int) -> None:
    """Be the warm process: fork for each who asks, and say how it ended, until nobody is there any more."""
    searched = [entry for entry in sys.path[1:] if entry not in os.environ["PYTHONPATH"].split(os.pathsep)]
    for name in IMPORTED:
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    with socket.socket(socket.AF_UNIX) as door, socket.socket(fileno=lifeline) as owner:
        door.bind(place)
        door.listen()
        owner.sendall(b"y")
        while door in select.select([door, owner], [], [])[0]:
            asker, _ = door.accept()
            with asker:
                length, streams, *_ = socket.recv_fds(asker, 8, 3)
                with asker.makefile("rb") as told:
                    wanted = json.loads(told.read(int.from_bytes(length, "big")))
                process_id = fork()
                if not process_id:
                    for one in (door, owner, asker):
                        one.close()
                    run(wanted, streams, searched)
                for stream in streams:
                    os.close(stream)
                _, status = os.waitpid(process_id, 0)
                with suppress(OSError):
                    asker.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())


def fork() -> int:
    with warnings.catch_warnings():
        # Later Pythons count threads that only wait, as polars has one.
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def run(wanted: dict[str, Any], streams: list[int], searched: list[str]) -> NoReturn:
    """Be the process that was asked for, to its end."""
    code = 1
    try:
        settle(wanted, streams, searched)
        code = walked(wanted["arguments"])
    except BaseException:  # noqa: BLE001 - as an interpreter does
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(OSError, ValueError):
                stream.flush()
        os._exit(code & 0xFF)


def settle(wanted: dict[str, Any], streams: list[int], searched: list[str]) -> None:
    """Take on the folder, the environment, the streams and the chance of a process that has just begun."""
    atexit._clear()
    # Nobody hears it, so that it ends a process that does not end.
    signal.alarm(SECONDS_MAX)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    time.tzset()
    os.chdir(wanted["cwd"])
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = sys.__stdin__ = os.fdopen(0, "r", encoding="utf-8", closefd=False)
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = sys.__stderr__ = os.fdopen(
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )
    given = [entry for entry in wanted["environment"].get("PYTHONPATH", "").split(os.pathsep) if entry]
    sys.path[:] = ["", *given, *searched]
    importlib.invalidate_caches()
    random.seed()
    sys.modules["__main__"] = ModuleType("__main__")


def walked(arguments: list[str]) -> int:
    """Run a program, a module or a script, and return the exit code."""
    flags = {"-B", "-P", "-u"}
    while arguments[0] in flags:
        if arguments[0] == "-B":
            sys.dont_write_bytecode = True
        elif arguments[0] == "-P":
            sys.path.pop(0)
        arguments = arguments[1:]
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
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
    else:
        ask(json.loads(sys.argv[2]), sys.argv[3:])
