"""What delivery holds after a restore."""

from crm.base.registries import Hold, holds
from crm.delivery import restored


def register() -> None:
    """Enter what must not be sent again by itself."""
    holds.add("letters", Hold("letters that are held under Delivery, Uncertain", restored.hold_letters))
    holds.add("on_their_way", Hold("copies of mailings that were on their way", restored.doubt_bulk))
    holds.add("bulk", Hold("messages that are paused", restored.pause_bulk))
