"""The canvas: a figure as all of ours begin, and the names of the colors on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ropewalk.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

# Okabe and Ito's colors, which people who see no red or no green can tell apart; black is the account's.
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")
ACCOUNT = "#222222"
GAIN, LOSS = "#009E73", "#D55E00"
QUIET = "#999999"


def color_of(seat: int) -> str:
    """Give the color of a seat; seats beyond the palette begin it anew."""
    return PALETTE[seat % len(PALETTE)]


def canvas(title: str, *, y_title: str = "") -> Any:
    """
    Begin a figure with a title.

    Raises ConfigError when plotly is not installed.
    """
    try:
        import plotly.graph_objects as go
    except ImportError:
        raise ConfigError("plotly is not installed; `pip install 'ropewalk[plot]'` installs it") from None
    figure = go.Figure()
    figure.update_layout(
        title={"text": title},
        template="plotly_white",
        colorway=list(PALETTE),
        hovermode="x unified",
        legend={"orientation": "h", "yanchor": "top", "y": -0.12, "x": 0},
        margin={"l": 60, "r": 20, "t": 56, "b": 40},
        yaxis={"title": {"text": y_title}},
    )
    return figure


def said(figure: Any, text: str) -> Any:
    """Write a sentence onto a figure that has nothing else to show."""
    figure.update_layout(xaxis={"visible": False}, yaxis={"visible": False})
    figure.add_annotation(text=text, showarrow=False, xref="paper", yref="paper", x=0.5, y=0.5, font={"size": 15})
    return figure


def heatmap(
    figure: Any,
    rows: Sequence[str],
    columns: Sequence[str],
    values: Sequence[Sequence[float | None]],
    told: Sequence[Sequence[str]],
    *,
    colorscale: str,
    template: str,
    hover: str,
    reach: float | None = None,
) -> Any:
    """
    Lay squares onto a figure, the first row on top; None is no value, and its square stays empty.

    `told` is said of each square when it is pointed at, behind `hover`. Colors go from −`reach` to `reach` where it is
    given, else from the least to the largest value.
    """
    figure.add_heatmap(
        x=list(columns),
        y=list(rows),
        z=values,
        text=told,
        texttemplate=template,
        hovertemplate=f"{hover}<br>%{{text}}<extra></extra>",
        colorscale=colorscale,
        xgap=2,
        ygap=2,
        **({} if reach is None else {"zmin": -reach, "zmax": reach}),
    )
    # Names that look like numbers or dates are names all the same.
    figure.update_xaxes(type="category")
    figure.update_yaxes(type="category", autorange="reversed")
    figure.update_layout(hovermode="closest")
    return figure
