"""The gate: one SHA-256 over many journals, the same in every process, wherever and however it runs."""

from __future__ import annotations

import os
import subprocess
import sys
from itertools import combinations, product
from pathlib import Path

from examples import IS_DEEP

TESTS = Path(__file__).resolve().parents[1]
AT_ONCE = 2
WAYS = (("alone", "watched"), ("at once", "resumed"), ((), ("-O",)), ("UTC", "Pacific/Auckland"), (TESTS, None))
"""Who hears, how it is told, how Python runs, where on earth, and in which folder: None is another one."""
HALF = tuple(zip("000111", "001011", "001101", "001110", "010011", strict=True))
"""Of all worlds these: any two of the ways go together in all their four combinations."""
FEW = HALF + tuple(tuple("10"[int(which)] for which in world) for world in HALF)
"""These and their opposites: twelve."""

PROGRAM = """
import sys
from hashlib import sha256
from pathlib import Path
from recorded_runs import TALES
from ropewalk import Bar, Cutoff, Decision, Fill
from ropewalk.journal import resume
from ropewalk.observers.observer import observer

@observer(Bar, Cutoff, Decision, Fill)
def watch(event, number, cause):
    pass

is_watched, is_resumed, root = sys.argv[1] == "watched", sys.argv[2] == "resumed", Path(sys.argv[3])
observers = [watch] if is_watched else []
total = sha256()
for name, tale in TALES.items():
    if not is_resumed:
        total.update(tale.run(observers=observers).journal.content)
        continue
    asked = iter(range(10_000))
    tale.run(root / name, observers=observers, should_stop=lambda: next(asked) == 4)
    (folder,) = (root / name).iterdir()
    resume(folder, observers=observers, **tale.again())
    total.update((folder / "journal.jsonl").read_bytes())
print(total.hexdigest(), len(TALES))
"""


def test_one_digest_over_all_journals(tmp_path: Path) -> None:
    """Hash seed, time zone, directory, optimisation, observers and interruptions are no inputs."""
    paths = os.pathsep.join([str(TESTS.parent / "src"), str(TESTS)])
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    chosen = tuple(product("01", repeat=len(WAYS))) if IS_DEEP else FEW
    worlds = [tuple(way[int(which)] for way, which in zip(WAYS, one, strict=True)) for one in chosen]
    told: list[tuple[str, str]] = []
    for start in range(0, len(worlds), AT_ONCE):
        running = []
        for number, (who, how, flags, zone, place) in enumerate(worlds[start : start + AT_ONCE], start=start):
            root = tmp_path / str(number)
            command = [sys.executable, *flags, "-W", "error", "-c", PROGRAM, who, how, str(root)]
            around = {"PATH": os.environ["PATH"], "PYTHONPATH": paths, "TZ": zone, "PYTHONHASHSEED": str(number * 77)}
            running.append(
                subprocess.Popen(
                    command,
                    env=around,
                    cwd=place or elsewhere,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    text=True,
                )
            )
        told += [process.communicate() for process in running]
    assert [error for _, error in told] == [""] * len(worlds)
    assert len({said for said, _ in told}) == 1
    assert len(told[0][0].split()[0]) == 64


def test_any_two_ways_meet_in_all_combinations() -> None:
    """What two of them do together is seen, though few processes are started."""
    assert len({*FEW}) == len(FEW) == 12
    for one, other in combinations(range(len(WAYS)), 2):
        assert len({(world[one], world[other]) for world in HALF}) == 4
