"""What is told of the sender of mail before a mailing goes; the rooms that know the DNS fill the list at assembly."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crm.base.registries import Registry


@dataclass(frozen=True)
class SenderCheck:
    """What was found of the sender's domain: a name such as SPF, ok, warning or error, and how to mend it."""

    name: str
    state: str
    found: str
    mend: str = ""


sender_checks: Registry[Callable[[], Sequence[SenderCheck]]] = Registry()
"""Each may ask the network, so jobs call it, outside of transactions."""
