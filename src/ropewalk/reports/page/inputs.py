"""What a page says of a run's making: settings, strategies, data, digests and environment, as rows of text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.reports.page.figures import moment, money

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ropewalk.reports.page.subject import Subject

TITLES = {"python": "Python", "hash_seed": "hash seed", "byte_order": "byte order"}


def identity(subject: Subject) -> list[tuple[str, str]]:
    """Say by what a run is known: ids and digests."""
    return [
        ("run", subject.run),
        ("journal, SHA-256", subject.digest),
        ("events, SHA-256", subject.record.digest()),
        ("data, SHA-256", subject.started.data_digest),
        ("capital", money(subject.started.capital_micros, digits=2)),
    ]


def settings(subject: Subject) -> list[tuple[str, str]]:
    """List the settings; what has parts is spread out."""
    return [(name.replace("_", " "), text) for name, value in subject.settings.items() for text in [_said(value)]]


def strategies(subject: Subject) -> list[dict[str, str]]:
    """List the strategies as they were made."""
    weights = {one["id"]: one for one in subject.configuration.get("strategies", [])}
    found = []
    plugins = {one["id"]: one for one in subject.plugins if one["role"] == "strategy"}
    for name in subject.started.strategies:
        made, seat = plugins.get(name, {}), weights.get(name, {})
        symbols = seat.get("symbols")
        found.append(
            {
                "name": name,
                "use": str(made.get("use", "not recorded")),
                "weight": str(seat.get("weight", "not recorded")),
                "symbols": "all" if symbols is None else ", ".join(symbols),
                "parameters": _said(made.get("parameters", {})),
                "source": str(made.get("source", ""))[:16],
            }
        )
    return found


def data(subject: Subject) -> list[tuple[str, str]]:
    """Say what bars a run had."""
    rows = []
    for one in subject.data:
        rows += [
            ("symbols", ", ".join(one["symbols"])),
            ("bars", f"{one['rows']:,}"),
            ("from", moment(one["first"])),
            ("to", moment(one["last"])),
        ]
    return rows


def environment(subject: Subject) -> list[tuple[str, str]]:
    """Say where and when a run was recorded; empty where no `env.json` lies beside the journal."""
    return list(_rows(subject.environment))


def _rows(facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name, value in facts.items():
        if value not in ("", {}, []):
            text = " ".join(map(str, value)) if name == "command" and isinstance(value, list) else _said(value)
            yield TITLES.get(name, name.replace("_", " ")), text


def _said(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict) and "kind" in value:
        rest = {name: one for name, one in value.items() if name != "kind"}
        return str(value["kind"]).replace("_", " ") + (f": {_said(rest)}" if rest else "")
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(one)}" for name, one in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "none"
    return str(value)
