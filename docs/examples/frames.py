"""Frames in, frames out: bars from a polars frame, results as frames."""

from datetime import date, timedelta

import polars as pl

from ropewalk import BuyAndHold, FeedError, Momentum, StrategyOrchestrator

days = [date(2024, 1, 1) + timedelta(days=day) for day in range(120)]
prices = [100 + day % 40 for day in range(120)]
frame = pl.DataFrame(
    {
        "ticker": "SAW",
        "date": days,
        "open": prices,
        "high": [price + 1.5 for price in prices],
        "low": [price - 1.5 for price in prices],
        "close": [price + 0.5 for price in prices],
        "volume": 1_000,
    }
)

orchestrator = StrategyOrchestrator({"trend": (Momentum(3, 8), "0.5"), "hold": (BuyAndHold(), "0.5")})
result = orchestrator.run(frame)

print(result.comparison_table.select("strategy", "final_equity", "round_trips", "fills"))
curve = result.get_strategy_result("trend").equity_curve.to_frame()
print(curve.select("timestamp", "equity_micros", "gross_exposure_micros").tail(3))

# What cannot be believed is refused, all of it at once, with its row and column.
damaged = frame.with_columns(
    high=pl.when(pl.col("date") == date(2024, 1, 3)).then(1.0).otherwise("high"),
    close=pl.when(pl.col("date") == date(2024, 2, 1)).then(None).otherwise("close"),
)
try:
    orchestrator.run(damaged)
except FeedError as error:
    print(error)
