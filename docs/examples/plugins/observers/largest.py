"""Largest: says the largest fill so far, whenever there is one."""

from ropewalk import Fill, observer

ropewalk_api = 1


@observer(Fill)
class Largest:
    """Hears fills; tells those that are worth more than `above` and than all before."""

    def __init__(self, above: float = 0.0):
        self.value = above

    def __call__(self, event, number, cause):
        """Hear an event, with its number and the number of what led to it."""
        value = abs(event.quantity * event.price_micros) / 1_000_000
        if value > self.value:
            self.value = value
            print(f"{event.timestamp:%Y-%m-%d} {event.strategy} {event.symbol} {value:,.2f}")
