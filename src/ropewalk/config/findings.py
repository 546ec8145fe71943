"""What is wrong with what a person typed, in words: the path of the key, the value, what was allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from ropewalk.errors import clipped, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import TypeVar

    Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Notation:
    """How people write values: `kinds` says what each of pydantic's complaints about types asks for."""

    kinds: Mapping[str, str]
    shown: Callable[[Any], str]


def _as_toml(value: Any) -> str:
    """Show a value as TOML writes it, or nearly."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Decimal):
        return str(value)
    return "a table" if isinstance(value, dict) else clipped(value)


TOML = Notation(
    {
        "bool_type": "true or false",
        "commission_type": "a table with its kind",
        "date_type": "a date such as 2020-01-31",
        "datetime_type": "a date such as 2020-01-31",
        "decimal_type": "a number",
        "dict_type": "a table",
        "fill_model_type": "a table with its kind",
        "float_type": "a number",
        "int_from_float": "a whole number",
        "int_type": "a whole number",
        "list_type": "a list",
        "model_type": "a table",
        "slippage_type": "a table with its kind",
        "string_type": "text in quotes",
    },
    _as_toml,
)
PYTHON = Notation(
    {
        **TOML.kinds,
        "bool_type": "True or False",
        "commission_type": "a dict with its kind, or an object that has commission_micros",
        "dict_type": "a dict",
        "invalid_key": "keys that are text",
        "model_type": "a dict",
        "slippage_type": "a dict with its kind, or an object that has slippage_micros",
        "string_type": "text",
    },
    clipped,
)

BOUNDS = {
    "greater_than": ("gt", ">"),
    "greater_than_equal": ("ge", "≥"),
    "less_than_equal": ("le", "≤"),
    "less_than": ("lt", "<"),
}
BARE = re.compile(r"[A-Za-z0-9_-]+")


def judged(model: type[Model], typed: Any) -> Model | list[Any]:
    """Make a model of what a person typed, or list what is wrong with it, as pydantic does."""
    try:
        made: Model = model.__pydantic_validator__.validate_python(typed)
    except ValidationError as error:
        return list(error.errors(include_url=False))
    return made


def worded(
    model: type[BaseModel], answer: Sequence[Any], typed: Any, *, place: str, notation: Notation = TOML
) -> list[str]:
    """Word what pydantic answered to what was typed; `place` is the path where that stands."""
    findings = []
    for key, errors in _by_key(answer, typed, place).items():
        findings.append(_worded([model], key, errors, notation))
        first = errors[0]
        if _is_about_kind(first) and isinstance(first["input"], dict):
            kinds = {tag: one for one in _models_at([model], first["loc"]) for tag in _own_tags(one)}
            table = key.removesuffix(".kind")
            findings += refused_by_all(kinds, first["input"], tag="kind", place=table, notation=notation)
    return findings


def refused_by_all(
    kinds: Mapping[str, type[BaseModel]],
    typed: Mapping[str, Any],
    *,
    tag: str,
    place: str,
    notation: Notation = TOML,
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
            yield _worded(models, key, told, notation)


def _by_key(answer: Sequence[Any], typed: Any, place: str) -> dict[str, list[Any]]:
    by_key: dict[str, list[Any]] = {}
    for error in answer:
        by_key.setdefault(joined(place, *_path(error, typed)) or "all of it", []).append(error)
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
    if _is_about_kind(error):
        yield "kind"


def _is_about_kind(error: Any) -> bool:
    return str(error["type"]).startswith("union_tag") and error["ctx"]["discriminator"] == "'kind'"


def _worded(models: Sequence[type[BaseModel]], key: str, errors: Sequence[Any], notation: Notation) -> str:
    """Word what is wrong with one key; several errors are the alternatives that all refused it."""
    first = errors[0]
    kind, value, context = first["type"], first["input"], first.get("ctx", {})
    if kind == "extra_forbidden":
        return f"C45 {key}: is no key here; {did_you_mean(str(first['loc'][-1]), _known(models, first['loc'][:-1]))}"
    if kind == "missing":
        return f"C45 {key}: is missing"
    if _is_about_kind(first):
        known = context.get("expected_tags") or ", ".join(repr(tag) for tag in _tags(models, first["loc"]))
        tag = context.get("tag")
        wrong = "is missing" if tag is None else f"{tag!r} is not known"
        return f"C45 {key}: {wrong} — expected one of {known}{close_to(tag, known)}"
    if kind == "value_error":
        return f"C46 {key}: {context['error']}"
    if kind == "literal_error":
        known = context["expected"]
        return f"C46 {key}: {notation.shown(value)} — expected {known}{close_to(value, known)}"
    if kind in BOUNDS:
        name, sign = BOUNDS[kind]
        return f"C48 {key}: {notation.shown(value)} — expected a number {sign} {context[name]}"
    expected = " or ".join(dict.fromkeys(notation.kinds.get(error["type"], error["msg"]) for error in errors))
    return f"C46 {key}: {notation.shown(value)} — expected {expected}{_unquoted(value, errors)}"


def close_to(word: Any, known: str) -> str:
    """Offer the closest of some quoted names; nothing when none is close."""
    names = re.findall(r"'([^']+)'", known)
    hint = did_you_mean(str(word), names)
    return f"; {hint}" if word is not None and hint.startswith("did") else ""


def _unquoted(value: Any, errors: Sequence[Any]) -> str:
    wanted = {error["type"] for error in errors}
    is_quoted = isinstance(value, str) and wanted in ({"bool_type"}, {"int_type"})
    return "; without quotes" if is_quoted else ""


def _known(models: Sequence[type[BaseModel]], location: Sequence[Any]) -> list[str]:
    """List the keys that a table knows."""
    return list(dict.fromkeys(name for one in _models_at(models, location) for name in one.model_fields))


def _tags(models: Sequence[type[BaseModel]], location: Sequence[Any]) -> list[str]:
    return [tag for one in _models_at(models, location) for tag in _own_tags(one)]


def _own_tags(model: type[BaseModel]) -> tuple[str, ...]:
    """The names by which an alternative is known; a kind that may be any text is none."""
    field = model.model_fields.get("kind")
    if field is None or get_origin(field.annotation) is not Literal:
        return ()
    return get_args(field.annotation)


def _models_at(models: Sequence[type[BaseModel]], location: Sequence[Any]) -> Sequence[type[BaseModel]]:
    """Walk down models to the alternatives that may stand at a place."""
    for part in location:
        inner = [one.model_fields[part].annotation for one in models if part in one.model_fields]
        if inner:
            models = [found for annotation in inner for found in _models_in(annotation)]
        else:
            # The name of an alternative, or the key of a table whose keys are free.
            models = [one for one in models if not _own_tags(one) or part in _own_tags(one)] or models
    return models


def _models_in(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [found for inner in get_args(annotation) for found in _models_in(inner)]
