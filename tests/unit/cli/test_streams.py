"""The command's outcome does not depend on where its output goes, unless it cannot get there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ropewalk.journal import read_environment, verify

ROOT = Path(__file__).resolve().parents[3]
ASKED = [["demo"], ["demo", "--json"], ["--help"], ["--version"]]


def shell(redirected: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a shell, with its output redirected."""
    line = f'"{sys.executable}" -W error -m ropewalk {" ".join(arguments)} {redirected}'
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(
        ["/bin/sh", "-c", line], env=environment, capture_output=True, timeout=60, check=False, text=True
    )


@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
def test_a_reader_that_has_seen_enough_ends_the_command_quietly(arguments: list[str]) -> None:
    """`| head` gets its lines and no complaint (122)."""
    script = [sys.executable, "-m", "ropewalk", *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    with subprocess.Popen(script, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        said = process.stderr.read()
        assert (process.wait(timeout=60), said) == (0, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device to write to")
@pytest.mark.parametrize("arguments", ASKED, ids=" ".join)
def test_a_full_disk_is_told_in_one_sentence(arguments: list[str]) -> None:
    """What could not be written is no success, and no defect of ropewalk's either."""
    answer = shell(">/dev/full", *arguments)
    said = "ropewalk: the output cannot be written: No space left on device\n"
    assert (answer.returncode, answer.stderr) == (2, said)


@pytest.mark.skipif(os.name != "posix", reason="only a POSIX shell closes a stream")
@pytest.mark.parametrize("arguments", [["demo", "--no-report"], *ASKED[1:]], ids=" ".join)
def test_closed_streams_are_written_to_by_nobody(arguments: list[str]) -> None:
    """Who closes stdout or stderr wants to hear nothing there; the other one says what it has to."""
    without_stdout = shell(">&-", *arguments)
    assert (without_stdout.returncode, without_stdout.stderr) == (0, "")
    without_stderr = shell("2>&-", *arguments)
    assert without_stderr.returncode == 0
    assert without_stderr.stdout
    assert shell(">&- 2>&-", "dmeo").returncode == 2


@pytest.mark.skipif(sys.platform != "linux", reason="other systems allow no such names")
def test_a_run_file_may_have_a_name_that_is_no_text(tmp_path: Path) -> None:
    """It stands beside the journal as nearly as JSON can say it, and keeps no run from being recorded."""
    path = os.fsencode(tmp_path) + b"/\xff.toml"
    with open(path, "w", encoding="utf-8") as stream:
        stream.write('[data]\nsource = "synthetic"\nbars = 20\n[strategies.hold]\nuse = "buy-and-hold"\nweight = 0.5\n')
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    script = [sys.executable, "-m", "ropewalk", "run", path, "--journal", str(tmp_path / "runs")]
    answer = subprocess.run(script, env=environment, capture_output=True, timeout=60, check=False, text=True)
    assert (answer.returncode, answer.stderr) == (0, "")
    (folder,) = (tmp_path / "runs").iterdir()
    assert verify(folder).is_clean
    assert any("udcff.toml" in argument for argument in read_environment(folder)["command"])
