"""Seats: what a person gives as strategies and weights, read and checked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from ropewalk.errors import ConfigError, clipped
from ropewalk.money import exact_fraction, exact_text

ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
RESERVED_IDS = ("aggregate", "account", "pool")


class Seat(NamedTuple):
    """A strategy, its share of the capital, and the symbols it is shown; None is all of them."""

    strategy: Any
    weight: Decimal
    symbols: tuple[str, ...] | None = None


def seats_of(given: Any, *, validate_weights: bool) -> dict[str, Seat]:
    """
    Read strategies and weights, in the order of the seats.

    Raises ConfigError for ids, weights and shapes that cannot be, with what was found and what is allowed.
    """
    if not given or not isinstance(given, (Mapping, list, tuple)):
        raise ConfigError(
            f"strategies_with_weights is {clipped(given)}; give a list of (strategy, weight) or a mapping id → "
            "(strategy, weight), in the order of the seats"
        )
    listed = given if isinstance(given, Mapping) else {f"strategy_{seat}": one for seat, one in enumerate(given)}
    seats = {_checked_id(name): _seat_of(name, entry) for name, entry in listed.items()}
    total = sum((exact_fraction(seat.weight) for seat in seats.values()), start=exact_fraction(0))
    if validate_weights and total > 1:
        shares = ", ".join(f"{name} {seat.weight}" for name, seat in seats.items())
        raise ConfigError(
            f"weights sum to {exact_text(total)} ({shares}); they may sum to at most 1, what is left stays in the pool"
        )
    return seats


def _checked_id(name: Any) -> str:
    if not isinstance(name, str) or not ID.fullmatch(name) or name in RESERVED_IDS or name.startswith("."):
        raise ConfigError(
            f"strategy id {clipped(name)}: use 1 to 64 of A–Z a–z 0–9 . _ -, not beginning with a dot, and none of "
            + ", ".join(RESERVED_IDS)
        )
    return name


def _seat_of(name: str, entry: Any) -> Seat:
    if not isinstance(entry, tuple | list) or len(entry) not in (2, 3):
        raise ConfigError(f"strategy {name!r} is given as {clipped(entry)}; give (strategy, weight)")
    strategy, weight = entry[0], entry[1]
    if isinstance(strategy, type):
        raise ConfigError(f"strategy {name!r} is the class {strategy.__name__}; give an object, {strategy.__name__}()")
    if isinstance(weight, bool) or not isinstance(weight, (Decimal, str, int)):
        raise ConfigError(
            f"strategy {name!r}: weight {clipped(weight)} is a {type(weight).__name__}; give Decimal, text or int, "
            "such as Decimal('0.3'), since a float cannot say 0.1 exactly"
        )
    try:
        exact = exact_fraction(weight)
    except ValueError as error:
        raise ConfigError(f"strategy {name!r}: weight: {error}") from None
    if exact <= 0:
        raise ConfigError(f"strategy {name!r}: weight is {weight}; each weight must be above 0")
    symbols = entry[2] if len(entry) == 3 else None
    if symbols is not None:
        if not isinstance(symbols, (list, tuple)) or not symbols or not all(isinstance(one, str) for one in symbols):
            raise ConfigError(f"strategy {name!r}: symbols is {clipped(symbols)}; give a list of symbols or None")
        symbols = tuple(dict.fromkeys(symbols))
    return Seat(strategy, Decimal(weight), symbols)
