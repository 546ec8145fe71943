"""History: what has happened, shared by everyone, changed by nobody."""

from __future__ import annotations

import copy
import pickle
from decimal import Decimal

import numpy as np
import pytest

from ropewalk.events import Bar
from ropewalk.market.history import History
from ropewalk.market.instrument import Instrument
from ropewalk.market.series import Series


def history_of(count: int, **named: object) -> tuple[History, list[Bar]]:
    bars = [Bar("S", step, step + 1.0, step + 3.0, step + 0.5, step + 2.0, 10.0 * step) for step in range(count)]
    names = ("open", "high", "low", "close", "volume")
    columns = {name: np.array([getattr(bar, name) for bar in bars]) for name in names}
    return History([Series("S", at_us=np.arange(count), **columns, **named)]), bars


def test_bars_behave_like_the_list_they_are() -> None:
    """Indexing, slices, length, iteration, copy and copies of any kind: plain lists of the caller's own."""
    history, bars = history_of(5)
    for bar in bars[:4]:
        history.on_bar(bar)
    seen = history.bars("S")
    assert len(seen) == 4
    assert seen[-1] is bars[3]
    assert seen[-2:] == bars[2:4]
    assert list(seen) == bars[:4]
    assert type(seen[:2]) is type(seen.copy()) is list
    for copied in (copy.copy(seen), copy.deepcopy(seen), pickle.loads(pickle.dumps(seen))):
        copied.append(None)
        assert copied[:4] == bars[:4]
    assert len(seen) == 4


@pytest.mark.parametrize("name", ["open", "high", "low", "close", "volume"])
def test_columns_grow_with_the_bars_and_cannot_be_written(name: str) -> None:
    """A float64 array of the same length, brought up to date when asked, also across its own growth."""
    history, bars = history_of(700)
    early = None
    for step, bar in enumerate(bars):
        history.on_bar(bar)
        if step % 97 == 0 or step > 695:
            column = getattr(history.bars("S"), name)
            assert column.tolist() == [getattr(one, name) for one in bars[: step + 1]]
            assert not column.flags.writeable
            early = column if early is None else early
    assert early is not None
    assert early.tolist() == [getattr(bars[0], name)]


def test_originals_are_the_callers_own_objects() -> None:
    """A strategy for lists of Decimals sees those very objects; marks come from the floats."""
    given = [object(), object()]
    history, bars = history_of(2, originals=given)
    assert history.mark_micros("S") is None
    history.on_bar(bars[0])
    assert history.originals("S")[0] is given[0]
    assert history.bars("S")[0] is bars[0]
    assert history.mark_micros("S") == 2_000_000
    assert history.symbols == ("S",)
    with pytest.raises(KeyError):
        history.bars("T")


@pytest.mark.parametrize(("lot", "micros"), [("1", 101_250_000), ("0.001", 101_250), ("1000", 101_250_000_000)])
def test_an_instrument_prices_its_lot(lot: str, micros: int) -> None:
    """A lot of a thousandth costs a thousandth."""
    assert Instrument("S", Decimal(lot)).price_micros(101.25) == micros
