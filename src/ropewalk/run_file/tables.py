"""Tables of a run file made into models, with everything that is wrong with them as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from ropewalk.config.findings import judged, worded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TypeVar

    from ropewalk.config import Settings

    Model = TypeVar("Model", bound=Settings)


def checked(model: type[Model], typed: Mapping[str, Any], *, place: str, findings: list[str]) -> Model:
    """
    Make a model of a table, and add all that is wrong with it to the findings; `place` is the table's path.

    A faulty key is left at its default, a needed one at None, so that the sound ones can be looked at
    further; once there are findings, a model is good for nothing else.
    """
    answer = judged(model, typed)
    if not isinstance(answer, list):
        return answer
    findings += worded(model, answer, typed, place=place)
    faulty = [error["loc"][0] for error in answer]
    kept: dict[str, Any] = {name: None for name, field in model.model_fields.items() if field.is_required()}
    kept |= {name: typed[name] for name in model.model_fields if name in typed and name not in faulty}
    return cast("Model", model.model_construct(**kept))
