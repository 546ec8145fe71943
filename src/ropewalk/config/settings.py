"""The house rules for what people type, and the kinds of numbers that they may type exactly."""

from __future__ import annotations

from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from ropewalk.config.findings import PYTHON, worded
from ropewalk.errors import ConfigError, clipped
from ropewalk.money import exact_fraction, exact_micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Self


def _exact(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, (Decimal, int, str)):
        raise ValueError(
            f"{clipped(value)} is a {type(value).__name__}; write a Decimal, an int or a text such as '0.25'"
        )
    exact_fraction(value)
    return Decimal(value)


def _amount(value: Any) -> Decimal:
    exact = _exact(value)
    if exact_micros(exact) < 0:
        raise ValueError(f"{value} is negative; 0 or more")
    return exact


Exact = Annotated[Decimal, BeforeValidator(_exact)]
"""A number kept exactly: Decimal, int or text; floats are refused, since 0.1 is none."""

Amount = Annotated[Decimal, BeforeValidator(_amount)]
"""An amount of currency, 0 or more, with at most six decimals."""


Seconds = Annotated[
    float, Field(ge=0, le=1e9), BeforeValidator(lambda value: float(value) if isinstance(value, Decimal) else value)
]
"""A time on the wall, 0 or more, which need not be exact."""

Table = Annotated[dict[str, Any], Field(default_factory=dict)]
"""A table whose keys are looked at elsewhere; empty when there is none."""

Tables = Annotated[list[dict[str, Any]], Field(default_factory=list)]
"""Tables of one name, one after the other, that are looked at elsewhere."""


class Settings(BaseModel):
    """
    What a person types: strict, nothing unknown, nothing changed afterwards.

    Making one, `model_validate` and `model_copy(update=...)` raise ConfigError with everything that is
    wrong. What else pydantic offers, such as `model_validate_json`, raises pydantic's own errors.

    >>> class Window(Settings):
    ...     days: int = 20
    >>> Window(day=5)
    Traceback (most recent call last):
        ...
    ropewalk.errors.ConfigError: Window cannot be made: 1 finding
      C45 day: is no key here; did you mean 'days'?
    """

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, arbitrary_types_allowed=True)

    def __init__(self, /, **typed: Any) -> None:
        with _in_our_words(type(self), typed):
            super().__init__(**typed)

    # Else pydantic would make nested settings by calling this, and lose the path of what is wrong in them.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def model_validate(cls, obj: Any, **options: Any) -> Self:
        """Make one of a dict, or let one pass. Raises ConfigError."""
        with _in_our_words(cls, obj):
            return super().model_validate(obj, **options)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy; what is changed is checked, which pydantic alone would not do. Raises ConfigError."""
        copy = super().model_copy(deep=deep)
        typed = {name: getattr(copy, name) for name in type(self).model_fields if name in copy.model_fields_set}
        return type(self)(**{**typed, **update}) if update else copy


@contextmanager
def _in_our_words(model: type[Settings], typed: Any) -> Iterator[None]:
    try:
        yield
    except ValidationError as error:
        findings = worded(model, error.errors(include_url=False), typed, place="", notation=PYTHON)
        many = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        raise ConfigError(f"{model.__name__} cannot be made: {many}", findings) from None
