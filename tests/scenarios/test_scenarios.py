"""Every story in this folder goes as it is written."""

from __future__ import annotations

from pathlib import Path

import pytest

import scenario

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.txt"))

STORY = """
allocation trend 1000.00
bar GLD 100
intent trend GLD +12
cutoff
decision trend GLD trimmed asked 1200 granted 1000 allocation
bar GLD 100
fill trend GLD +10 at 100 fee 0
cutoff
end
"""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_scenario(path: Path) -> None:
    """The file's first line says its rule."""
    assert path.read_text("utf-8").startswith("# "), "a scenario begins with the rule it tells"
    scenario.play_file(path)


def test_the_story_of_the_style_page_is_told() -> None:
    """A story that goes as written passes."""
    assert len(FILES) >= 30
    scenario.play(STORY)


@pytest.mark.parametrize(
    ("was", "becomes", "message"),
    [
        (
            "granted 1000 ",
            "granted 900 ",
            r"scenario:6: found +decision trend GLD trimmed asked 1200.000000 granted 1000",
        ),
        ("+10 at 100 ", "+9 at 100 ", r"scenario:8: found +fill trend GLD \+10"),
        ("at 100 fee 0", "at 101 fee 0", r"scenario:8: found"),
        ("decision trend GLD trimmed asked 1200 granted 1000 allocation\n", "", "nobody expected\n    decision trend"),
        ("cutoff\nend", "lapse trend GLD too_small\ncutoff\nend", "nothing .more. was published"),
        ("cutoff\nend", "cash trend 5\ncutoff\nend", "scenario:9: found +cash trend 0"),
        ("cutoff\nend", "lots trend GLD 9\ncutoff\nend", "scenario:9: found +lots trend GLD 10"),
        ("bar GLD 100\nintent", "bra GLD 100\nintent", "scenario:3: there is no 'bra'; known: allocation"),
        ("intent trend GLD +12", "intent trend GLD", "scenario:4: intent takes 3 or 4 or 5 or 6 or 7 words, found 2"),
        ("intent trend GLD +12", "intent trend GLD target", "scenario:4: an intent is"),
        ("\nend\n", "\n", "the story has no end"),
        ("end\n", "end\nbar GLD 1\n", "bar after end"),
        ("1000.00", "lots", "'lots' is not a number"),
        ("bar GLD 100\nintent", "bar GLD 100\nbar GLD 101\nintent", "GLD has two bars in one instant"),
        ("intent trend GLD +12\n", "intent trend GLD +12\nbar SLV 1\n", "bar too late"),
        ("intent trend GLD +12\n", "split GLD 2 1\nintent trend GLD +12\n", "split too late"),
        ("allocation trend", "setting warp 9\nallocation trend", "there is no setting 'warp'"),
        ("cutoff\nend", "cutoff\nsetting fill_at close\nend", "setting after the first bar"),
        ("bar GLD 100\nintent", "cutoff\nbar GLD 100\nintent", "cutoff without a bar"),
        ("cutoff\ndecision", "decision", "nothing is settled before the cutoff"),
    ],
)
def test_a_story_that_goes_otherwise_fails(was: str, becomes: str, message: str) -> None:
    """A scenario that cannot fail is a defect: each wrong line is named, with what was found instead."""
    assert was in STORY
    with pytest.raises(scenario.ScenarioError, match=message):
        scenario.play(STORY.replace(was, becomes, 1))
