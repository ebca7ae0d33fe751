"""Blocks that show what cannot be done yet: a mailing may be written before, and goes after."""

from datetime import datetime

from crm.base import wall_clock
from crm.base.block_kinds import blocks
from crm.mailings import texts
from crm.mailings.blocks import checking
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing


def after(mailing: Mailing, moment: datetime) -> list[str]:
    """Return in sentences what a mailing shows that opens only after that moment, each once."""
    comparison = pairing.of(mailing)
    said = [*texts.all_of(mailing), *(texts.all_of(comparison.other) if comparison else [])]
    shown = [block for one in said if one.markup == "blocks" for block, _ in checking.placed(one.blocks)]
    found = [_told(block, moment, mailing.zone) for block in shown]
    return list(dict.fromkeys(words for words in found if words))


def _told(block: checking.Block, moment: datetime, zone: str) -> str:
    kind = blocks.get(block["kind"])
    at = kind.opens(block) if kind and kind.opens else None
    if kind is None or at is None or at <= moment:
        return ""
    when = wall_clock.tell(at, zone)
    return f"The {kind.label.lower()} that it shows opens on {when}. Let the mailing go after that, or open it sooner."
