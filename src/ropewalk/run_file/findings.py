"""What is wrong with a table of a run file, in words: the path of the key, the value, what was allowed."""

from __future__ import annotations

import re
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, cast, get_args

from ropewalk.config import Settings, judged
from ropewalk.errors import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeVar

    Model = TypeVar("Model", bound=Settings)

KINDS = {
    "bool_type": "true or false",
    "date_type": "a date such as 2020-01-31",
    "datetime_type": "a date such as 2020-01-31",
    "dict_type": "a table",
    "int_type": "a whole number",
    "list_type": "a list",
    "model_type": "a table",
    "string_type": "text in quotes",
}
"""What pydantic's complaints about types ask for."""

BOUNDS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", "≥"),
    "less_than_equal": ("le", "≤"),
    "less_than": ("lt", "<"),
}
BARE = re.compile(r"[A-Za-z0-9_-]+")


def checked(model: type[Model], typed: Mapping[str, Any], *, place: str, findings: list[str]) -> Model:
    """
    Make a model of a table, and add all that is wrong with it to the findings; `place` is the table's path.

    A faulty key is left at its default, a needed one at None, so that the sound ones can be looked at
    further; once there are findings, a model is good for nothing else.
    """
    answer = judged(model, typed)
    if not isinstance(answer, list):
        return answer
    for key, errors in _by_key(answer, typed, place).items():
        findings.append(_worded([model], key, errors))
        if errors[0]["type"].startswith("union_tag"):
            location = errors[0]["loc"]
            kinds = dict(zip(_tags([model], location), _models_at([model], location), strict=True))
            findings += refused_by_all(kinds, errors[0]["input"], tag="kind", place=key.removesuffix(".kind"))
    faulty = [error["loc"][0] for error in answer]
    kept: dict[str, Any] = {name: None for name, field in model.model_fields.items() if field.is_required()}
    kept |= {name: typed[name] for name in model.model_fields if name in typed and name not in faulty}
    return cast("Model", model.model_construct(**kept))


def refused_by_all(
    kinds: Mapping[str, type[Settings]], typed: Mapping[str, Any], *, tag: str, place: str
) -> Iterator[str]:
    """Say what is wrong with a table of an unknown kind: what the nearest kind refuses, else what every kind does."""
    named = typed.get(tag)
    near = (get_close_matches(named, kinds, n=1) if isinstance(named, str) else []) or list(kinds)
    models = [kinds[name] for name in near]
    refused = []
    for name, model in zip(near, models, strict=True):
        answer = judged(model, {**typed, tag: name})
        refused.append(_by_key(answer, typed, place) if isinstance(answer, list) else {})
    for key in refused[0]:
        if all(key in one for one in refused):
            # A kind that knows the key says more of it than one that does not.
            told = min((one[key] for one in refused), key=lambda errors: errors[0]["type"] == "extra_forbidden")
            yield _worded(models, key, told)


def _by_key(answer: Sequence[Any], typed: Mapping[str, Any], place: str) -> dict[str, list[Any]]:
    by_key: dict[str, list[Any]] = {}
    for error in answer:
        by_key.setdefault(joined(place, *_path(error, typed)), []).append(error)
    return by_key


def joined(place: str, *parts: str | int) -> str:
    """
    Write the path of a key.

    >>> joined("strategies", "trend", "symbols", 1)
    'strategies.trend.symbols[1]'
    """
    for part in parts:
        if isinstance(part, int):
            place += f"[{part}]"
        else:
            shown = part if BARE.fullmatch(part) else clipped(part)
            place = f"{place}.{shown}" if place else shown
    return place


def _path(error: Any, typed: Any) -> Iterator[str | int]:
    """Walk to the key of an error; names of alternatives, which pydantic puts between, are no keys."""
    location = error["loc"]
    for part in location[:-1] if error["type"] == "missing" else location:
        if (isinstance(typed, dict) and part in typed) or (isinstance(typed, list) and isinstance(part, int)):
            typed = typed[part]
            yield part
    if error["type"] == "missing":
        yield location[-1]
    if error["type"].startswith("union_tag"):
        yield "kind"


def _worded(models: Sequence[type[Settings]], key: str, errors: Sequence[Any]) -> str:
    """Word what is wrong with one key; several errors are the alternatives that all refused it."""
    first = errors[0]
    kind, value, context = first["type"], first["input"], first.get("ctx", {})
    if kind == "extra_forbidden":
        return f"C45 {key}: is no key here; {did_you_mean(str(first['loc'][-1]), _known(models, first['loc'][:-1]))}"
    if kind == "missing":
        return f"C45 {key}: is missing"
    if kind.startswith("union_tag"):
        known = context.get("expected_tags") or ", ".join(repr(tag) for tag in _tags(models, first["loc"]))
        tag = context.get("tag")
        wrong = "is missing" if tag is None else f"{tag!r} is not known"
        return f"C45 {key}: {wrong} — expected one of {known}{close_to(tag, known)}"
    if kind == "value_error":
        return f"C46 {key}: {context['error']}"
    if kind == "literal_error":
        return f"C46 {key}: {shown(value)} — expected {context['expected']}{close_to(value, context['expected'])}"
    if kind in BOUNDS:
        name, sign = BOUNDS[kind]
        return f"C48 {key}: {shown(value)} — expected a number {sign} {context[name]}"
    expected = " or ".join(dict.fromkeys(KINDS.get(error["type"], error["msg"]) for error in errors))
    return f"C46 {key}: {shown(value)} — expected {expected}{_unquoted(value, expected)}"


def shown(value: Any) -> str:
    """Show a value as TOML writes it, or nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return str(value)
    return "a table" if isinstance(value, dict) else clipped(value)


def close_to(word: Any, known: str) -> str:
    """Offer the closest of some quoted names; nothing when none is close."""
    names = re.findall(r"'([^']+)'", known)
    hint = did_you_mean(str(word), names)
    return f"; {hint}" if word is not None and hint.startswith("did") else ""


def _unquoted(value: Any, expected: str) -> str:
    is_quoted = isinstance(value, str) and expected in ("true or false", "a whole number")
    return "; without quotes" if is_quoted else ""


def _known(models: Sequence[type[Settings]], location: Sequence[Any]) -> list[str]:
    """List the keys that a table knows."""
    return list(dict.fromkeys(name for one in _models_at(models, location) for name in one.model_fields))


def _tags(models: Sequence[type[Settings]], location: Sequence[Any]) -> list[str]:
    return [get_args(one.model_fields["kind"].annotation)[0] for one in _models_at(models, location)]


def _models_at(models: Sequence[type[Settings]], location: Sequence[Any]) -> Sequence[type[Settings]]:
    """Walk down models to the alternatives that may stand at a place."""
    for part in location:
        inner = [one.model_fields[part].annotation for one in models if part in one.model_fields]
        if inner:
            models = [found for annotation in inner for found in _models_in(annotation)]
        else:
            # The name of an alternative, or the key of a table whose keys are free.
            models = [one for one in models if "kind" not in one.model_fields or part in _tags([one], ())]
    return models


def _models_in(annotation: Any) -> list[type[Settings]]:
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]
