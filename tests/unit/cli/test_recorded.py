"""Runs are recorded unless asked not to be, and recording the same inputs again has to give the same bytes."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from ropewalk.cli.main import app
from ropewalk.cli.recorded import JournalMode
from ropewalk.journal import MODES, replay, verify

GOOD = '[data]\nsource = "synthetic"\nbars = 60\n[strategies.hold]\nuse = "buy-and-hold"\nweight = 0.5\n'
MOODY = """\
from pathlib import Path
class Moody:
    def should_enter(self, bars):
        mood = Path("mood").read_text()
        if mood == "broken" and len(bars) == 20:
            raise RuntimeError("out of rope")
        return len(bars) == (20 if mood == "early" else 30)
    def should_exit(self, position, bars): return False
"""


def invoke(*arguments: object) -> Result:
    return CliRunner(env={"COLUMNS": "120"}).invoke(app, [str(one) for one in arguments])


@pytest.fixture
def run_file(own_folder: Path) -> Path:
    (own_folder / "elsewhere").mkdir()
    path = own_folder / "elsewhere" / "run.toml"
    path.write_text(GOOD, encoding="utf-8")
    return path


@pytest.fixture
def moody(run_file: Path) -> Path:
    """A run that depends on more than its inputs."""
    (run_file.parent / "moody.py").write_text(MOODY, encoding="utf-8")
    run_file.write_text(GOOD.replace("buy-and-hold", "moody.py:Moody"), encoding="utf-8")
    return run_file


def say_mood(mood: str) -> None:
    Path("mood").write_text(mood, encoding="utf-8")


def journals(folder: str | Path = "runs") -> list[Path]:
    return sorted(Path(folder).glob("*/journal.jsonl"))


def test_a_run_is_recorded_and_its_last_line_says_where(run_file: Path) -> None:
    """The folder, and the digest that `sha256sum` prints."""
    answer = invoke("run", run_file)
    (path,) = journals()
    assert answer.stdout.splitlines()[-1] == f"journal {path.parent}  sha256 {sha256(path.read_bytes()).hexdigest()}"
    assert verify(path).is_clean


@pytest.mark.no_cover
def test_the_demo_is_recorded_so_that_it_can_be_made_again() -> None:
    """Its strategies have names, and the journal says with which settings."""
    answer = invoke("demo")
    assert answer.exit_code == 0
    (path,) = journals()
    *_, journal, report = answer.stdout.splitlines()
    assert journal.startswith(f"journal {path.parent}  sha256 ")
    assert report == f"report  {path.parent / 'report.html'}"
    assert replay(path, level="full").exit_code == 0


def test_the_same_run_again_is_the_same_and_leaves_no_traces(run_file: Path) -> None:
    first, second = invoke("run", run_file), invoke("run", run_file)
    assert (first.stdout, second.stderr) == (second.stdout, "")
    (path,) = journals()
    assert sorted(one.name for one in path.parent.iterdir()) == ["data", "env.json", "journal.jsonl"]


def test_json_says_where_the_journal_is(run_file: Path) -> None:
    told = json.loads(invoke("run", run_file, "--json").stdout)["journal"]
    (path,) = journals()
    assert told == {
        "run_id": path.parent.name,
        "digest": sha256(path.read_bytes()).hexdigest(),
        "path": str(path),
        "notes": [],
        "earlier": None,
    }


def test_a_run_can_go_unrecorded(run_file: Path) -> None:
    answer = invoke("run", run_file, "--no-journal")
    assert (answer.exit_code, journals()) == (0, [])
    assert "journal" not in answer.stdout
    assert "journal" not in json.loads(invoke("run", run_file, "--no-journal", "--json").stdout)


def test_a_journal_may_stay_in_memory(run_file: Path) -> None:
    """Its digest is told, and nothing is written."""
    told = json.loads(invoke("run", run_file, "--journal-mode", "memory", "--json").stdout)["journal"]
    assert (told["path"], journals()) == (None, [])
    assert "in memory  sha256 " + told["digest"] in invoke("run", run_file, "--journal-mode", "memory").stdout


@pytest.mark.parametrize("mode", ["process", "step", "power"])
def test_every_mode_writes_the_same(run_file: Path, mode: str) -> None:
    told = [
        json.loads(invoke("run", run_file, "--json", "--journal", "here", *asked).stdout)["journal"]
        for asked in ((), ("--journal-mode", mode))
    ]
    assert told[0] == told[1]
    assert len(journals("here")) == 1


def test_the_option_names_every_mode() -> None:
    """Its help is written out, since looking the modes up would load the core."""
    (option,) = JournalMode.__metadata__  # type: ignore[attr-defined]
    assert [mode for mode in MODES if mode not in option.help] == []


# ── the run file ──────────────────────────────────────────────────────────────────────────────────


def test_a_run_file_says_how_it_is_recorded(run_file: Path) -> None:
    """Its folder is seen from the file; the command line wins."""
    run_file.write_text(GOOD + '[journal]\nfolder = "kept"\nmode = "step"\n', encoding="utf-8")
    assert invoke("run", run_file).exit_code == 0
    assert (len(journals(run_file.parent / "kept")), journals()) == (1, [])
    assert invoke("run", run_file, "--journal", "runs").exit_code == 0
    assert len(journals()) == 1


def test_a_run_file_may_say_that_nothing_is_recorded(run_file: Path) -> None:
    run_file.write_text(GOOD + "[journal]\nrecord = false\n", encoding="utf-8")
    assert "journal" not in invoke("run", run_file).stdout
    assert journals() == []
    assert invoke("run", run_file, "--journal", "runs").exit_code == 0
    assert len(journals()) == 1


def test_what_is_wrong_with_the_table_is_said(run_file: Path) -> None:
    run_file.write_text(GOOD + '[journal]\nmode = "proces"\nfoldr = "x"\n', encoding="utf-8")
    answer = invoke("run", run_file)
    assert answer.exit_code == 2
    assert "C46 journal.mode: 'proces'" in answer.stderr
    assert "C45 journal.foldr: is no key here; did you mean 'folder'?" in answer.stderr


# ── what cannot be ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("command", ["run", "demo"])
def test_options_that_contradict_each_other_are_refused(run_file: Path, command: str) -> None:
    arguments = [command] + ([str(run_file)] if command == "run" else [])
    answer = invoke(*arguments, "--no-journal", "--journal", "runs")
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "--no-journal stands beside --journal" in answer.stderr
    assert "journal mode 'soon'; modes are memory, process" in invoke(*arguments, "--journal-mode", "soon").stderr


def test_a_folder_that_cannot_take_a_journal_is_no_dead_end(run_file: Path) -> None:
    """What went wrong, and both ways around it."""
    Path("runs").write_text("a file", encoding="utf-8")
    answer = invoke("run", run_file)
    assert (answer.exit_code, answer.stdout) == (2, "")
    assert "cannot take a journal" in answer.stderr
    assert "--no-journal runs without a record" in answer.stderr


# ── the same inputs, another run ──────────────────────────────────────────────────────────────────


def test_a_run_that_diverges_from_its_record_says_so(moody: Path) -> None:
    """On stderr, with the first difference and exit code 1; the earlier journal and its surroundings are kept."""
    say_mood("early")
    first = json.loads(invoke("run", moody, "--json").stdout)["journal"]
    say_mood("late")
    answer = invoke("run", moody)
    assert answer.exit_code == 1
    assert "ropewalk: DIVERGED: the same inputs gave another run" in answer.stderr
    assert re.search(r"number \d+ at 2020-.*: step is ", answer.stderr)
    (path,) = journals()
    kept = path.parent / "quarantine" / "earlier.1"
    assert f"the earlier journal is kept in {kept}" in answer.stderr
    assert sha256((kept / "journal.jsonl").read_bytes()).hexdigest() == first["digest"]
    assert sorted(one.name for one in kept.iterdir()) == ["env.json", "journal.jsonl"]
    assert invoke("diff", kept, path.parent).exit_code == 1


def test_a_run_that_fails_keeps_the_record_that_there_was(moody: Path) -> None:
    """A failed run has a journal of its own, with a footer; the earlier one is aside."""
    say_mood("late")
    assert invoke("run", moody).exit_code == 0
    say_mood("broken")
    answer = invoke("run", moody)
    assert (answer.exit_code, answer.stdout) == (2, "")
    (path,) = journals()
    assert verify(path).status == "failed"
    assert verify(path.parent / "quarantine" / "earlier.1").status == "complete"


def test_a_damaged_record_is_not_taken_for_a_divergence(run_file: Path) -> None:
    """Nor is it thrown away."""
    invoke("run", run_file)
    (path,) = journals()
    content = path.read_bytes()
    path.write_bytes(content[:-60] + b"x" + content[-59:])
    answer = invoke("run", run_file)
    assert answer.exit_code == 0
    assert "the earlier journal of this run was not sound" in answer.stderr
    assert path.read_bytes() == content
    assert (path.parent / "quarantine" / "earlier.1" / "journal.jsonl").exists()


def test_a_folder_that_is_written_to_keeps_its_journal(run_file: Path) -> None:
    """Two writers at once are refused, and what was there stays as it was."""
    from ropewalk.recording.files import Files
    from ropewalk.recording.lock import FolderLock

    invoke("run", run_file)
    (path,) = journals()
    content = path.read_bytes()
    with FolderLock(path.parent, Files()):
        answer = invoke("run", run_file)
    assert answer.exit_code == 2
    assert "is being written by process" in answer.stderr
    assert path.read_bytes() == content
    assert not (path.parent / "quarantine").exists()
