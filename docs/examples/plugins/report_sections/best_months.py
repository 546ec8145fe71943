"""Best months: those in which the account made most, as a table and as bars."""

import plotly.graph_objects as go
import polars as pl

from ropewalk import Section

ropewalk_api = 1


class BestMonths:
    """Show so many months."""

    def __init__(self, months: int = 5):
        self.months = months

    def __call__(self, result):
        """Return the section; `result` is what a run returned."""
        closes = result.equity_curve.to_frame().group_by_dynamic("timestamp", every="1mo").agg(pl.last("equity_micros"))
        earned = pl.col("equity_micros").diff() / 1_000_000
        months = closes.select(pl.col("timestamp").dt.strftime("%Y-%m").alias("month"), earned.alias("earned"))
        best = months.drop_nulls().sort("earned", descending=True).head(self.months)
        return Section(
            title="Best months",
            text=f"Of {len(months)} months these {len(best)} made most.",
            table=best,
            figure=go.Figure(go.Bar(x=best["month"].to_list(), y=best["earned"].to_list())),
        )
