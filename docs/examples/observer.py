"""Observers: a function and an object that hear a run without touching it."""

from ropewalk import (
    Bar,
    Decision,
    Fill,
    Intent,
    MeanReversion,
    Momentum,
    StrategyOrchestrator,
    observer,
    sample_feed,
)


@observer(Fill)
def big_fills(fill, number, cause):
    """Hear fills; say the big ones."""
    value = abs(fill.quantity) * fill.price_micros / 1e6
    if value > 330_000:
        side = "bought" if fill.quantity > 0 else "sold"
        print(f"event {number}, granted by {cause}: {fill.strategy} {side} {fill.quantity:+} {fill.symbol}")


@observer(Bar, Intent, Decision)
class Counter:
    """Hears several types of event."""

    def __init__(self):
        self.counts = {}

    def __call__(self, event, number, cause):
        """Count by type."""
        kind = type(event).__name__
        self.counts[kind] = self.counts.get(kind, 0) + 1


@observer(Fill)
def broken(fill, _number, _cause):
    """Raises: it is detached, a Fault is recorded, and the run goes on."""
    return fill.quantity / 0


counter = Counter()
orchestrator = StrategyOrchestrator({"trend": (Momentum(), "0.5"), "revert": (MeanReversion(), "0.5")})
result = orchestrator.run(sample_feed(["AAPL"]), observers=[big_fills, counter, broken])

print(counter.counts)
for fault in result.faults:
    print(f"fault: {fault.source} on {fault.callback}: {fault.error} → {fault.action}")

without = orchestrator.run(sample_feed(["AAPL"]))
print(f"the same fills without observers: {without.fills == result.fills}")
