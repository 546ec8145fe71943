"""
Settings of what is plugged in: a pydantic model of its own, or the types of its constructor's parameters.

A constructor whose one parameter is annotated with a model is given one; any other is given the settings by name,
checked as strictly as ropewalk's own wherever the annotation is made of plain values.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from ropewalk.config.findings import TOML, Notation, joined, judged, worded
from ropewalk.config.settings import Settings
from ropewalk.errors import did_you_mean

PLAIN = (bool, int, float, str, Decimal, date, datetime, NoneType, Any)
EXACT: Mapping[type, Callable[[str], Any]] = {
    Decimal: Decimal,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}
"""What may be written as text where it is asked for, since JSON has no other way to write it."""


class Taken(NamedTuple):
    """What a class takes: a model of its own, or parameters by name with their annotations, and which are needed."""

    model: type[BaseModel] | None
    parameters: Mapping[str, Any]
    needed: Sequence[str]
    takes_any: bool


def refused_settings(
    thing: Any, settings: Mapping[str, Any], *, place: str = "", notation: Notation = TOML
) -> list[str]:
    """Say of each setting that a class does not take, or lacks, what is wrong with it; `place` is their path."""
    taken = _taken(thing)
    if taken is None:
        # Classes written in C may hide their parameters; making the object will tell.
        return []
    name = thing.__name__
    findings = []
    if not taken.takes_any:
        findings += [
            f"C64 {joined(place, key)}: {name} has no such setting; {_offered(key, taken)}"
            for key in settings
            if key not in taken.parameters
        ]
    findings += [f"C64 {joined(place, key)}: is needed by {name}" for key in taken.needed if key not in settings]
    known = {key: value for key, value in settings.items() if key in taken.parameters}
    return findings + [f"{finding}; a setting of {name}" for finding in _flaws(taken, known, place, notation)]


def needed_settings(thing: Any) -> list[str]:
    """List the settings without which a class cannot be made."""
    taken = _taken(thing)
    return [] if taken is None else [*taken.needed]


def default_settings(thing: Any) -> dict[str, Any]:
    """Say what the parameters of a class are where they are not given; those that are needed have no such value."""
    return {
        one.name: one.default for one in inspect.signature(thing).parameters.values() if one.default is not one.empty
    }


def made(thing: Any, settings: Mapping[str, Any]) -> Any:
    """Make an object of a class with settings that were not refused; whatever its constructor raises is raised."""
    if not isinstance(thing, type):
        return thing
    taken = _taken(thing)
    if taken is None:
        return thing(**settings)
    given = {key: _as_asked(value, taken.parameters.get(key, Any)) for key, value in settings.items()}
    return thing(**given) if taken.model is None else thing(_model_of(taken.model, given))


def _offered(key: str, taken: Taken) -> str:
    return did_you_mean(key, taken.parameters) if taken.parameters else "it takes none"


def _taken(thing: Any) -> Taken | None:
    if not isinstance(thing, type):
        return Taken(None, {}, (), False)
    try:
        parameters = inspect.signature(thing, eval_str=True).parameters
    except (TypeError, ValueError):
        return None
    except (NameError, AttributeError, SyntaxError):
        # An annotation that only type checkers can resolve says nothing here.
        parameters = inspect.signature(thing).parameters
    named = [one for one in parameters.values() if one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)]
    model = _model_in(named[0].annotation) if len(named) == len(parameters) == 1 else None
    if model is not None:
        fields = {name: field.annotation for name, field in model.model_fields.items()}
        needed = [name for name, field in model.model_fields.items() if field.is_required()]
        return Taken(model, fields, needed, False)
    return Taken(
        None,
        {one.name: one.annotation if _is_plain(one.annotation) else Any for one in named},
        [one.name for one in named if one.default is one.empty],
        any(one.kind is one.VAR_KEYWORD for one in parameters.values()),
    )


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """Find the model that an annotation asks for, also as `Model | None`."""
    asked = [one for one in get_args(annotation) if one is not NoneType] if _is_union(annotation) else [annotation]
    return asked[0] if len(asked) == 1 and _is_model(asked[0]) else None


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _is_plain(annotation: Any) -> bool:
    """Whether TOML's values can be held against an annotation: no tuples, no classes of the plugin's own."""
    if get_origin(annotation) is Literal:
        return True
    if get_origin(annotation) in (list, dict, Union, UnionType):
        return all(_is_plain(inner) for inner in get_args(annotation))
    return annotation in PLAIN or annotation in (list, dict)


def _flaws(taken: Taken, settings: Mapping[str, Any], place: str, notation: Notation) -> list[str]:
    given = {key: _as_asked(value, taken.parameters[key]) for key, value in settings.items()}
    if taken.model is not None:
        answer = _judged_strictly(taken.model, given)
        errors = [] if isinstance(answer, BaseModel) else answer
        errors = [error for error in errors if not (error["type"] == "missing" and len(error["loc"]) == 1)]
        return worded(taken.model, errors, given, place=place, notation=notation)
    findings = []
    for key, value in given.items():
        try:
            TypeAdapter(taken.parameters[key], config=ConfigDict(strict=True)).validate_python(value)
        except ValidationError as error:
            answer = [{**one, "loc": (key, *one["loc"])} for one in error.errors(include_url=False)]
            findings += worded(Settings, answer, given, place=place, notation=notation)
    return findings


def _judged_strictly(model: type[BaseModel], given: Mapping[str, Any]) -> Any:
    if issubclass(model, Settings):
        return judged(model, given)
    try:
        return model.__pydantic_validator__.validate_python(dict(given), strict=True)
    except ValidationError as error:
        return list(error.errors(include_url=False))


def _model_of(model: type[BaseModel], given: Mapping[str, Any]) -> BaseModel:
    answer: BaseModel = model.__pydantic_validator__.validate_python(dict(given), strict=True)
    return answer


def _as_asked(value: Any, annotation: Any) -> Any:
    """Keep numbers exact, and read texts as exact values, where that is asked for; all others compute with floats."""
    if isinstance(value, str):
        return _read(value, annotation)
    return value if _mentions(annotation, Decimal) else as_floats(value)


def _read(text: str, annotation: Any) -> Any:
    if _mentions(annotation, str):
        return text
    for kind, read in EXACT.items():
        if _mentions(annotation, kind):
            try:
                return read(text)
            except (ValueError, InvalidOperation):
                continue
    return text


def _mentions(annotation: Any, kind: type) -> bool:
    if annotation is kind:
        return True
    if get_origin(annotation) is Annotated:
        return _mentions(get_args(annotation)[0], kind)
    if _is_model(annotation):
        return any(_mentions(field.annotation, kind) for field in annotation.model_fields.values())
    return any(_mentions(inner, kind) for inner in get_args(annotation))


def as_floats(value: Any) -> Any:
    """Turn the exact numbers of a run file into floats, in lists and tables too."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [as_floats(one) for one in value]
    if isinstance(value, dict):
        return {key: as_floats(one) for key, one in value.items()}
    return value
