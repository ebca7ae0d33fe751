"""What letters and calls add to the kinds of actions, to what people confirm, and to all that counts what they do."""

from crm.actions import kinds
from crm.actions.letters import counting, following, pacing
from crm.actions.letters import kinds as own
from crm.actions.targets import channels
from crm.base.deeds import deeds
from crm.base.registries import ask_followers, erasures, merges, profile_unions


def register() -> None:
    """Enter them all."""
    kinds.kinds.add("letter", own.letter())
    kinds.kinds.add("call", own.call())
    for kind in (channels.LETTER, channels.CALL):
        deeds.add(kind, own.deed(kind))
    counting.register()
    merges.add("letters", following.merge())
    profile_unions.add("targets", following.unite_targets)
    ask_followers.add("targets", pacing.follow_ask)
    erasures.add("letters", following.erasure())
