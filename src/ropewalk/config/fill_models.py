"""Fill models, as a person types them: a kind, and what it needs."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, WrapValidator
from pydantic_core import PydanticCustomError

from ropewalk.config.limits import Share
from ropewalk.config.settings import Settings
from ropewalk.errors import clipped
from ropewalk.ledger.fill_models import FillModel, Rest, VolumeShare
from ropewalk.money import exact_fraction


class WholeSettings(Settings):
    """An order fills whole, at the open or the close that `fill_at` names."""

    kind: Literal["whole"]

    def model(self) -> FillModel | None:
        """There is none: the ledger does this by itself."""
        return None


class VolumeShareSettings(Settings):
    """At most a `share` of a bar's volume fills; the `rest` stays for the symbol's next bar, or lapses."""

    kind: Literal["volume_share"]
    share: Annotated[Share, Field(gt=0, le=1)]
    rest: Rest = "stays"

    def model(self) -> FillModel | None:
        """Make the model."""
        return VolumeShare(exact_fraction(self.share), self.rest)


def _model(value: Any, handler: Any) -> Any:
    if isinstance(value, (dict, Settings)):
        return handler(value)
    if isinstance(value, type) or not isinstance(value, FillModel):
        raise PydanticCustomError("fill_model_type", "neither a kind nor an object of one's own")
    rest = getattr(value, "rest", "stays")
    if rest not in ("stays", "lapses"):
        raise ValueError(f"{type(value).__name__}.rest is {clipped(rest)}; 'stays' or 'lapses'")
    return value


FillModelSettings = Annotated[
    Annotated[WholeSettings | VolumeShareSettings, Field(discriminator="kind")], WrapValidator(_model)
]
