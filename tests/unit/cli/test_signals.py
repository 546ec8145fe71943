"""A run that is interrupted ends between two instants, says so, and can go on; a second signal ends it at once, what
it recorded written; a third kills."""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from typer.testing import CliRunner

from ropewalk.cli.main import app
from ropewalk.cli.signals import stopping
from ropewalk.journal import read, verify
from warm import warm

ROOT = Path(__file__).resolve().parents[3]
RUN = """\
[data]
source = "synthetic"
bars = 60
[strategies.flip]
use = "flip.py:Flip"
weight = 0.5
"""
FLIP = """\
import os
import signal
import sys
from ropewalk import Strategy, buy, close


class Flip(Strategy):
    '''In at one bar and out at the next; at the thirtieth it does what it is told to by the environment.'''

    def on_bar(self, bar, view):
        if len(view.history(bar.symbol)) == 30:
            for name in os.environ.get("SIGNALS", "").split():
                try:
                    os.kill(os.getpid(), getattr(signal, name))
                except BaseException:
                    if "STUBBORN" not in os.environ:
                        raise
            if "WAITS" in os.environ:
                print("waiting", file=sys.stderr, flush=True)
                sys.stdin.readline()
        if view.quantity(bar.symbol):
            return close(bar.symbol)
        return buy(bar.symbol, fraction=0.5)
"""


@pytest.fixture
def run_file(own_folder: Path) -> Path:
    (own_folder / "flip.py").write_text(FLIP, encoding="utf-8")
    path = own_folder / "run.toml"
    path.write_text(RUN, encoding="utf-8")
    return path


def environment(**named: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT / "src"), **named}


def command(*arguments: object, **named: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process that signals itself."""
    return warm().run(["-m", "ropewalk", *map(str, arguments)], environment=named)


def journal(run: str = "runs", name: str = "journal.jsonl") -> Path:
    (path,) = Path(run).glob(f"*/{name}")
    return path


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_a_signal_ends_a_run_between_two_instants(run_file: Path, name: str) -> None:
    """The instant is finished, the footer says stopped, what was earned is shown, and how to go on (125, 126)."""
    answer = command("run", run_file, SIGNALS=name)
    assert answer.returncode == 130
    assert "stopped before the end of the data" in answer.stdout
    assert "= aggregate" in answer.stdout
    assert answer.stdout.splitlines()[-1].startswith(f"journal {journal().parent}  sha256 ")
    assert "stopping after this instant; the same again leaves at once" in answer.stderr
    way = f"`ropewalk resume {journal().parent} --run {run_file}` goes on"
    assert f"after 30 instants; {way}" in answer.stderr
    found = verify(journal())
    assert (found.is_clean, found.status) == (True, "stopped")
    assert [one.event.instants for one in read(journal()) if one.kind == "footer"] == [30]


def test_what_was_stopped_goes_on_to_the_same_end(run_file: Path) -> None:
    """The journal is then, byte for byte, that of a run that nobody interrupted."""
    command("run", run_file, SIGNALS="SIGINT")
    command("run", run_file, "--journal", "whole")
    answer = command("resume", journal().parent, "--run", run_file)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert journal().read_bytes() == journal("whole").read_bytes()


def test_a_run_that_was_stopped_can_be_run_again_instead(run_file: Path) -> None:
    """The shorter journal is kept, and is no divergence."""
    command("run", run_file, SIGNALS="SIGINT")
    answer = command("run", run_file)
    assert answer.returncode == 0
    assert "one of the two was stopped before the other, up to there they are equal" in answer.stderr
    assert verify(journal()).status == "complete"


def test_json_is_whole_when_a_run_is_stopped(run_file: Path) -> None:
    answer = command("run", run_file, "--json", SIGNALS="SIGTERM")
    told = json.loads(answer.stdout)
    assert (answer.returncode, told["status"], told["instants"]) == (130, "stopped", 30)


def test_without_a_journal_there_is_nothing_to_go_on_from(run_file: Path) -> None:
    answer = command("run", run_file, "--no-journal", SIGNALS="SIGINT")
    assert answer.returncode == 130
    assert "nothing was recorded to go on from" in answer.stderr


@pytest.mark.parametrize("names", ["SIGINT SIGINT", "SIGTERM SIGINT"])
def test_a_second_signal_ends_a_run_at_once(run_file: Path, names: str) -> None:
    """What was written stays a part, which is sound; a later run that repeats it cleans it up."""
    answer = command("run", run_file, "--journal-mode", "step", SIGNALS=names)
    assert (answer.returncode, answer.stdout) == (130, "")
    assert "leaving at once" in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not list(Path("runs").glob("*/journal.jsonl"))
    part = journal(name="journal.jsonl.part")
    assert verify(part).exit_code == 3
    assert max(one.at_us or 0 for one in read(part)) < max(one.at_us or 0 for one in read(recorded_whole(run_file)))
    assert command("run", run_file).returncode == 0
    assert sorted(one.name for one in journal().parent.iterdir()) == ["data", "env.json", "journal.jsonl"]


def test_a_second_signal_keeps_all_that_was_recorded(run_file: Path) -> None:
    """What waited for the next block is written first, and what is left goes on to the bytes of a whole run (125)."""
    assert command("run", run_file, SIGNALS="SIGINT SIGINT").returncode == 130
    whole, part = recorded_whole(run_file).read_bytes(), journal(name="journal.jsonl.part")
    kept = part.read_bytes()
    assert whole.startswith(kept)
    instants = list(dict.fromkeys(one.at_us for one in read(recorded_whole(run_file)) if one.kind == "intent"))
    # It was left at the thirtieth bar, whose fill was posted before the strategy was asked.
    assert [one.kind for one in read(part)][-1] == "fill"
    assert list(read(part))[-1].at_us == instants[29]
    assert command("resume", part.parent, "--run", run_file).returncode == 0
    assert journal().read_bytes() == whole


def test_a_third_signal_kills(run_file: Path) -> None:
    """Whatever swallows the second, the process dies of the third as if nobody had listened."""
    answer = command("run", run_file, SIGNALS="SIGINT SIGINT SIGTERM", STUBBORN="1")
    assert answer.returncode == -signal.SIGTERM
    assert not list(Path("runs").glob("*/journal.jsonl"))


def recorded_whole(run_file: Path) -> Path:
    if not Path("whole").exists():
        command("run", run_file, "--journal", "whole")
    return journal("whole")


def test_a_signal_from_outside_is_heard_while_a_strategy_waits(run_file: Path) -> None:
    """Who is blocked is not torn out of what it does: the instant ends first."""
    script = [sys.executable, "-m", "ropewalk", "run", str(run_file)]
    pipe = subprocess.PIPE
    with subprocess.Popen(
        script, env=environment(WAITS="1"), stdin=pipe, stdout=pipe, stderr=pipe, text=True
    ) as process:
        assert process.stderr
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate("\n", timeout=60)
    assert process.returncode == 130
    assert "stopped before the end of the data" in output
    assert verify(journal()).status == "stopped"


@pytest.mark.parametrize("name", ["INT", "TERM"])
def test_what_is_set_to_be_ignored_stays_ignored(run_file: Path, name: str) -> None:
    """As shells do for commands in the background."""
    script = [sys.executable, "-m", "ropewalk", "run", str(run_file)]
    answer = subprocess.run(
        ["/bin/sh", "-c", f'trap "" {name}; exec "$@"', "sh", *script],
        env=environment(SIGNALS=f"SIG{name}"),
        capture_output=True,
        timeout=60,
        check=False,
        text=True,
    )
    assert (answer.returncode, answer.stderr) == (0, "")


def test_handlers_are_put_back() -> None:
    """Once the run is over, the signals mean what they meant; the first is heard without an exception."""
    before = [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)]
    with stopping() as should_stop:
        assert not should_stop()
        os.kill(os.getpid(), signal.SIGINT)
        assert should_stop()
    assert [signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)] == before


def test_outside_the_main_thread_nothing_is_heard() -> None:
    """Python hands signals to the main thread only; whoever runs elsewhere is not hindered."""
    said: list[bool] = []

    def run() -> None:
        with stopping() as should_stop:
            said.append(should_stop())

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert said == [False]


def test_a_run_within_a_process_is_stopped_as_well(run_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever calls the command from Python gets the same answer."""
    monkeypatch.setenv("SIGNALS", "SIGINT")
    answer = CliRunner().invoke(app, ["run", str(run_file)])
    assert answer.exit_code == 130
    assert "ropewalk: stopped at " in answer.stderr
    assert verify(journal()).status == "stopped"


def test_nobody_has_to_hear_that_a_run_stops(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stderr that is no file, or is closed, keeps a signal from nothing."""
    monkeypatch.setattr("sys.stderr", io.StringIO())
    with stopping() as should_stop:
        os.kill(os.getpid(), signal.SIGTERM)
        assert should_stop()
    with Path(os.devnull).open(encoding="utf-8") as unwritable:
        monkeypatch.setattr("sys.stderr", unwritable)
        with stopping() as should_stop:
            os.kill(os.getpid(), signal.SIGTERM)
            assert should_stop()
