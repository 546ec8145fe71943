"""Worst day: the lowest return of a session."""

ropewalk_api = 1


def worst_day(owner):
    """Return the figure of one strategy, or of the account; None where there is none."""
    return min(owner.returns, default=None)
