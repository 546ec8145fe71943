"""One idea, a moving-average crossover, as each of the three kinds of strategy: the same intents, three times."""

from ropewalk import Momentum, MomentumSignals, Strategy, StrategyOrchestrator, buy, close, sample_feed

SYMBOLS = ["AAPL", "IBM", "MSFT"]


class MomentumByView(Strategy):
    """`Momentum` as a Strategy: it has a view, and says itself how much it wants."""

    def __init__(self):
        # It has is_rising(bars), so that all three share one definition of a trend.
        self.momentum = Momentum()

    def on_bar(self, bar, view):
        """Be in while the trend is up."""
        is_rising = self.momentum.is_rising(view.history(bar.symbol))
        if is_rising and not view.quantity(bar.symbol):
            return buy(bar.symbol, fraction=0.333333)
        if not is_rising and view.quantity(bar.symbol):
            return close(bar.symbol)
        return None


# Each has a tenth of the capital, so the limits are the same for all.
orchestrator = StrategyOrchestrator(
    {
        "asked": (Momentum(), "0.1"),
        "called": (MomentumByView(), "0.1"),
        "signals": (MomentumSignals(), "0.1"),
    }
)
result = orchestrator.run(sample_feed(SYMBOLS))


def wanted(name):
    """What a strategy wanted, without its name."""
    return [
        (one.at_us, one.symbol, one.action, one.unit, one.amount) for one in result.get_strategy_result(name).intents
    ]


print(f"{len(wanted('asked'))} intents each; the same ones: {wanted('asked') == wanted('called') == wanted('signals')}")
for name, one in result.strategy_results.items():
    print(f"{name:8} {one.final_equity:>14,.6f}")
first = result.get_strategy_result("asked").intents[0]
print(f"the first: {first.timestamp:%Y-%m-%d} {first.action} {first.symbol}, {first.amount} millionths of the capital")
print(f"since they always want the same at once: {len(result.conflicts)} conflicts, all", end=" ")
print(" and ".join(sorted({conflict.kind for conflict in result.conflicts})))
