"""Beginning a mailing: what stands in it already, by its kind."""

from crm.contacts.models import Topic
from crm.mailings import composing
from crm.mailings.blocks import starters
from crm.mailings.choosing.wanted import Wanted
from crm.mailings.composer.tree import Blocks
from crm.mailings.models import Mailing

WHAT_FOR = {
    "call_to_action": "Ask for one thing: sign, write, call.",
    "sharing_tools": "Words and pictures for others to pass on.",
    "thought_leadership": "A paper, a finding, an opinion.",
    "newsletter": "Several short pieces of news.",
}


def blocks_for(kind: str, language: str) -> Blocks:
    """Return the blocks that a mailing of this kind begins with."""
    return starters.blocks_for(kind, language)


def begin(kind: str, language: str, topic: Topic) -> Mailing:
    """Make a draft of that kind, with its first blocks. Raises BadMailing."""
    values = {"kind": kind, "language": language, "markup": "blocks", "topic_id": topic.id}
    return composing.create({**values, "blocks": blocks_for(kind, language), "audience": Wanted().kept()})
