"""A strategy of one's own beside one that ships: each with its own capital, over the packaged real data."""

from ropewalk import Momentum, Strategy, StrategyOrchestrator, buy, close, sample_feed


class Pullback(Strategy):
    """Buy a dip in a rising market: a close at a 5-bar low, above its 100-bar average. Leave after `days` bars."""

    def __init__(self, days=10):
        self.days = days
        self.bars_held = {}

    def on_bar(self, bar, view):
        """Count the bars while in, look for dips while out."""
        symbol, closes = bar.symbol, view.history(bar.symbol).close
        if view.quantity(symbol):
            self.bars_held[symbol] += 1
            if self.bars_held[symbol] >= self.days:
                return close(symbol, note="held long enough")
        elif len(closes) >= 100 and bar.close == closes[-5:].min() and bar.close > closes[-100:].mean():
            return buy(symbol, fraction=0.3, note="dip")
        return None

    def on_fill(self, fill, view):
        """Begin to count again."""
        self.bars_held[fill.symbol] = 0


orchestrator = StrategyOrchestrator({"pullback": (Pullback(), "0.6"), "trend": (Momentum(), "0.4")}, 100_000)
result = orchestrator.run(sample_feed())

for name, one in result.strategy_results.items():
    print(
        f"{name:9} {one.initial_capital:>10,.0f} → {one.final_equity:>10,.0f}  {one.metrics.round_trips} round trips, "
        f"{one.metrics.win_rate:.0%} won, {one.metrics.time_in_market:.0%} of the time in the market"
    )
print(result.reconciliation)

print("\nThree best round trips of pullback:")
for trip in sorted(result.get_strategy_result("pullback").round_trips, key=lambda one: -one.net_micros)[:3]:
    days = trip.holding_us / 86_400e6
    print(f"  {trip.symbol:5} {trip.quantity_max:>5} shares for {days:.0f} days, {trip.net_micros / 1e6:>8,.2f} earned")
