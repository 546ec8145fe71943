"""Who wants something else once the future is another one, knew it: each planted look-ahead is found and named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ropewalk import ConfigError, FeedError, StrategyError, synthetic_feed
from ropewalk.arbiter.policies import POLICIES, Outcome
from ropewalk.errors import RunFileError
from ropewalk.events import Fault, Intent
from ropewalk.journal.lookahead import Said, _changes, _cuts, check_lookahead
from ropewalk.notation import timestamp

ROOT = Path(__file__).resolve().parents[3]

DATA = """\
[data]
source = "synthetic"
symbols = 2
bars = 120
"""

PEEKERS = '''\
import time
import numpy as np
from ropewalk import buy, close

class Centred:
    """Half of its window is to come."""
    def signals(self, history):
        window = np.convolve(history.close, np.ones(11) / 11, mode="same")
        return (history.close < window).astype(float)

class Normalised:
    """The highest close of the whole sample is known from the first bar on."""
    def signals(self, history):
        return np.round(history.close / history.close.max(), 2)

class Tomorrow:
    """In before it rises, out before it falls."""
    def signals(self, history):
        return (np.diff(history.close, append=history.close[-1]) > 0).astype(float)

class Filled:
    """A gap is filled with what comes after it."""
    def signals(self, history):
        mean = np.full(len(history), np.nan)
        mean[::10] = history.close[::10]
        for row in range(len(mean) - 2, -1, -1):
            if np.isnan(mean[row]):
                mean[row] = mean[row + 1]
        return np.where(np.isnan(mean), 0.0, (history.close > mean) * 1.0)

class Length:
    """Prices of the future are left alone, but how many there are is used."""
    def signals(self, history):
        return np.arange(len(history)) > len(history) * 0.1

class Volumes:
    """The volume of the next bar."""
    def signals(self, history):
        return (np.append(history.volume[1:], 0.0) > np.median(history.volume[:20])).astype(float)

class Late:
    """As a `Centred` that is honest: the window ends now."""
    def signals(self, history):
        window = np.convolve(history.close, np.ones(11) / 11)[: len(history)]
        return np.where(np.arange(len(history)) < 11, 0.0, history.close < window)

CACHE = {}

class Cached:
    """Keeps what it computed for the first data it saw."""
    def signals(self, history):
        if history.symbol not in CACHE:
            CACHE[history.symbol] = dict(zip(history.at_us.tolist(), np.diff(history.close, append=0.0) > 0))
        return np.array([CACHE[history.symbol].get(at, False) for at in history.at_us.tolist()], float)

class Short:
    """Cannot be asked before the end is near."""
    def signals(self, history):
        return np.where(np.arange(len(history)) % 2, history.close[100] > 0, 0.0)

class Opener:
    """Reads the future from the file that the bars come from."""
    def __init__(self):
        self.opened = __import__("pathlib").Path(__file__).with_name("bars.csv").read_text().splitlines()[1:]
        self.closes = [float(line.split(",")[4]) for line in self.opened] + [0.0]
    def on_bar(self, bar, view):
        now = len(view.history(bar.symbol)) - 1
        rises = self.closes[now + 1] > self.closes[now]
        return buy(bar.symbol, fraction=0.5) if rises else close(bar.symbol) if view.quantity(bar.symbol) else None

class Patient:
    """In for one bar of three."""
    def should_enter(self, bars):
        return len(bars) % 3 == 0
    def should_exit(self, position, bars):
        return len(bars) % 3 == 1

class Moody:
    """Says something else each time."""
    def on_bar(self, bar, view):
        return buy(bar.symbol, quantity=1, note=str(time.perf_counter_ns()))
'''


def written(folder: Path, *strategies: str, head: str = DATA, settings: str = "") -> Path:
    (folder / "peekers.py").write_text(PEEKERS, encoding="utf-8")
    uses = {"hold": "buy-and-hold", "trend": "momentum-signals", "revert": "mean-reversion"}
    tables = [
        f'[strategies.{name.lower()}]\nuse = "{uses.get(name, f"peekers.py:{name}")}"\nweight = 0.1\n'
        + ("settings = { short_window = 3, long_window = 9 }\n" if name == "trend" else "")
        for name in strategies
    ]
    path = folder / "run.toml"
    path.write_text("\n".join([head, f"[settings]\n{settings}", *tables]), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", ["Centred", "Normalised", "Tomorrow", "Filled", "Length", "Volumes", "Cached"])
def test_a_strategy_that_looks_ahead_is_named_and_nobody_else(name: str, tmp_path: Path) -> None:
    """However it peeks; those beside it stay without blame."""
    found = check_lookahead(written(tmp_path, "hold", "trend", name, "revert"))
    (peek,) = found.peeks
    assert (found.exit_code, peek.strategy, peek.is_consequence, found.unsteady) == (1, name.lower(), False, ())
    assert peek.at_us <= peek.after_us
    assert peek.after_us in found.cuts
    assert f"looks ahead: {name.lower()}" in str(found)
    assert "hold: 2 intents, always the same" in str(found)


def test_the_instant_is_the_one_before_the_future(tmp_path: Path) -> None:
    """Who looks one bar ahead changes at the cut itself; who knows the whole sample changes with the first intent."""
    found = check_lookahead(written(tmp_path, "Tomorrow", "Normalised"))
    first, second = found.peeks
    assert (first.strategy, second.strategy) == ("normalised", "tomorrow")
    assert first.at_us == synthetic_feed(2, 120).first_us
    assert second.at_us == second.after_us
    assert second.was != second.became
    assert f"tomorrow: at {timestamp(second.at_us).isoformat()} its intent for SYN00" in str(found)


def test_one_that_looks_ahead_does_not_hide_another(tmp_path: Path) -> None:
    """All at once, each with its own instant, none called a consequence: alone they do the same."""
    names = ("Centred", "Normalised", "Tomorrow", "Filled", "Length", "Volumes")
    found = check_lookahead(written(tmp_path, "hold", *names, "Late"))
    assert sorted(peek.strategy for peek in found.peeks) == sorted(name.lower() for name in names)
    assert not any(peek.is_consequence for peek in found.peeks)
    assert all(peek.trials > 1 for peek in found.peeks)


@pytest.mark.no_cover
def test_clean_strategies_pass(tmp_path: Path) -> None:
    """What ships, what is computed honestly over the whole sample, and what is closed when the data end."""
    path = written(tmp_path, "hold", "trend", "revert", "Late", settings="close_at_end = true")
    found = check_lookahead(path, instants=8)
    assert (found.exit_code, found.peeks, len(found.cuts), found.trials) == (0, (), 8, 16)
    assert min(found.compared.values()) > 0
    assert str(found).startswith(f"{path}: nobody looks ahead (16 other futures after 8 instants, 2020-")
    assert check_lookahead(ROOT / "docs/examples/portfolio.toml", instants=2).exit_code == 0


def test_symbols_that_come_later_are_there_from_the_start(tmp_path: Path) -> None:
    """Which symbols there are is an input: shares of the capital, and seats that name one, stay as they are."""
    head = '[data]\nsource = "sample"\nstart = 2011-06-01\nsymbols = ["AAPL", "FB"]\n'
    path = written(tmp_path, "hold", "trend", head=head)
    path.write_text(path.read_text(encoding="utf-8") + 'symbols = ["FB"]\n', encoding="utf-8")
    found = check_lookahead(path, instants=3)
    assert (found.exit_code, found.cuts[0] < 1_337_000_000_000_000) == (0, True)


def test_who_needs_more_data_than_there_are_yet_is_told(tmp_path: Path) -> None:
    """To raise because the future is missing is to depend on it; the others are still compared."""
    found = check_lookahead(written(tmp_path, "Short", "Tomorrow"))
    assert {peek.strategy: peek.change for peek in found.peeks}["short"] == "raised"
    assert "tomorrow" in [peek.strategy for peek in found.peeks]
    assert "short: at 2020-01-01T00:00:00+00:00 raised IndexError: index 100 is out of bounds" in str(found)


def test_a_file_of_the_future_is_not_found(tmp_path: Path) -> None:
    """Only what a run is given is changed: a limit, which the guide states."""
    (one,) = synthetic_feed(1, 60).series
    rows = [
        f"{timestamp(at).date()},{o},{h},{low},{c}"
        for at, o, h, low, c in zip(one.at_us.tolist(), one.open, one.high, one.low, one.close, strict=True)
    ]
    (tmp_path / "bars.csv").write_text("\n".join(["date,open,high,low,close", *rows]), encoding="utf-8")
    head = '[data]\nsource = "csv"\npath = "bars.csv"\nsymbol = "GLD"\n'
    found = check_lookahead(written(tmp_path, "Opener", "Tomorrow", head=head))
    assert [peek.strategy for peek in found.peeks] == ["tomorrow"]


def test_who_is_never_the_same_is_not_blamed_for_the_future_alone(tmp_path: Path) -> None:
    """On the same data it says something else, too."""
    found = check_lookahead(written(tmp_path, "Moody", "hold"), instants=1)
    assert (found.exit_code, found.unsteady) == (1, ("moody",))
    head, *lines = str(found).splitlines()
    assert ": nobody who can be judged looks ahead (" in head
    assert "moody: not even the same on the same data; try ropewalk check-determinism" in lines
    assert not [line for line in lines if line.startswith("moody: at ")]


class FirstComes:
    """Whoever sits first gets what it wants of a symbol, the others nothing."""

    name = "first-comes"

    def settle(self, wishes: Any) -> Any:
        return [Outcome(0 if seat else wish.asked_micros, wish.close_lots) for seat, wish in enumerate(wishes)]


def test_who_only_answers_to_another_is_no_suspect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused because of a peeker changes what is wanted later; alone nothing changes."""
    monkeypatch.setitem(POLICIES, "first-comes", FirstComes())
    path = written(tmp_path, "Length", "Patient", "Tomorrow", settings='conflict_policy = "first-comes"')
    found = check_lookahead(path)
    blamed = {peek.strategy: peek.is_consequence for peek in found.peeks}
    assert blamed == {"length": False, "tomorrow": False, "patient": True}
    assert found.peeks[-1].strategy == "patient"
    assert "looks ahead: length, tomorrow (" in str(found)
    assert "as a consequence of the others: alone it wants the same" in str(found)


def test_the_first_to_change_at_an_instant_is_found_among_many() -> None:
    """Different, missing and extra intents, and what was raised before them."""

    def intent(at_us: int, symbol: str = "A", amount: int = 1) -> Intent:
        return Intent(at_us, "s", symbol, "buy", "quantity", amount)

    def change(was: list[Intent], became: list[Intent], *faults: Fault, known: dict[str, Fault] | None = None) -> Any:
        again = Said({"s": became}, {fault.source: fault for fault in faults})
        found = _changes(Said({"s": was}, known or {}), again, "cut", 10)
        return (found[0].change, found[0].at_us, found[0].symbol) if found else None

    fault = Fault(5, "s", "on_bar", "A", "ValueError: odd", "suspend")
    assert change([intent(1), intent(12)], [intent(1), intent(11)]) is None
    assert change([intent(1), intent(2)], [intent(1), intent(2, amount=3)]) == ("different", 2, "A")
    assert change([intent(1), intent(4)], [intent(1)]) == ("missing", 4, "A")
    assert change([intent(1)], [intent(1), intent(4)]) == ("extra", 4, "A")
    assert change([intent(4)], [intent(3), intent(4)]) == ("extra", 3, "A")
    assert change([intent(4, "A"), intent(4, "B")], [intent(4, "B")]) == ("missing", 4, "A")
    assert change([intent(4, "B")], [intent(4, "A"), intent(4, "B")]) == ("extra", 4, "A")
    assert change([intent(7)], [], fault) == ("raised", 5, "A")
    assert change([intent(7)], [intent(3)], fault) == ("extra", 3, "A")
    assert change([intent(3)], [intent(3)], fault, known={"s": fault}) is None


def test_instants_are_spread_and_moved_to_where_somebody_speaks() -> None:
    """Each strategy in turn, never the last instant, none twice."""
    times = list(range(100, 160))

    def intents(*at_us: int) -> list[Intent]:
        return [Intent(at, "s", "A", "buy", "quantity", 1) for at in at_us]

    assert _cuts(times, Said({"s": []}, {}), 5) == [110, 120, 130, 140, 150]
    assert _cuts(times, Said({"s": intents(112, 133, 159), "t": intents(119)}, {}), 5) == [112, 119, 133, 140, 150]
    assert _cuts([1, 2], Said({"s": intents(2)}, {}), 5) == [1]
    assert _cuts(times, Said({}, {}), 1_000) == times[:-1]


def test_a_run_that_cannot_be_run_is_told_as_by_run(tmp_path: Path) -> None:
    """Errors of the file, of the data and of a strategy are what they are without a check."""
    with pytest.raises(RunFileError, match="there is no such file"):
        check_lookahead(tmp_path / "none.toml")
    path = written(tmp_path, "hold", "Missing")
    with pytest.raises(RunFileError, match="has no class 'Missing'"):
        check_lookahead(path)
    with pytest.raises(ConfigError, match="ask for 1 to"):
        check_lookahead(path, instants=0)
    with pytest.raises(FeedError, match="one instant only"):
        check_lookahead(written(tmp_path, "hold", head=DATA.replace("120", "1")))
    with pytest.raises(StrategyError, match="IndexError"):
        check_lookahead(written(tmp_path, "Short", head=DATA.replace("120", "90")))


def test_the_result_is_json(tmp_path: Path) -> None:
    """With each peek's intents as they were and became."""
    told = json.loads(json.dumps(check_lookahead(written(tmp_path, "Tomorrow"), instants=2).to_dict()))
    (peek,) = told["peeks"]
    assert (told["exit_code"], len(told["cuts"]), peek["change"]) == (1, 2, peek["change"])
    assert peek["was"] == {} or peek["was"]["strategy"] == "tomorrow"
    assert np.isscalar(told["trials"])
