"""Conflicts: the default policy, then one of one's own, and what that rule changed."""

from ropewalk import MeanReversion, Momentum, OrchestratorConfig, Outcome, StrategyOrchestrator, sample_feed


class Seated:
    """Where strategies disagree, the one seated first has its way; the others may only close."""

    name = "seated"

    def settle(self, wishes):
        """Allow the first its side, and closing to all."""
        first = wishes[0]
        return [Outcome(wish.asked_micros if wish.side == first.side else 0, wish.close_lots) for wish in wishes]


def run(policy):
    orchestrator = StrategyOrchestrator(
        {"fast": (Momentum(5, 20), "0.5"), "revert": (MeanReversion(window=7), "0.5")},
        config=OrchestratorConfig(conflict_policy=policy),
    )
    return orchestrator.run(sample_feed(["AAPL", "IBM", "MSFT"]))


for policy in ("independent", Seated()):
    result = run(policy)
    kinds = [conflict.kind for conflict in result.conflicts]
    stopped = [one for one in result.decisions if one.reason == "policy"]
    print(f"{result.conflicts[0].policy}: {kinds.count('entry_against_exit')} entries against exits")
    print(f"  {len(stopped)} intents were cut by the policy: {sorted({one.strategy for one in stopped})}")
    for name, one in result.strategy_results.items():
        print(f"  {name:7} {one.final_equity:>12,.2f}")

# The last run: one conflict, and each of its intents' decisions. A decision's cause is its intent.
conflict = next(one for one in result.conflicts if one.asked_micros != one.allowed_micros)
print(f"\n{conflict.timestamp:%Y-%m-%d} {conflict.symbol}, {conflict.kind}, settled by {conflict.policy}:")
decision_of = {entry.cause: entry.event for entry in result.record.decisions}
for seat, intent in enumerate(conflict.intents):
    decision = decision_of[intent]
    side = "buy" if conflict.sides[seat] > 0 else "sell"
    print(
        f"  {conflict.strategies[seat]} wanted to {side}: asked {conflict.asked_micros[seat] / 1e6:,.2f}, "
        f"to close {abs(conflict.asked_close[seat])} lots → {decision.verdict}, {decision.reason}"
    )
