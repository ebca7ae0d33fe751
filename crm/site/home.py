"""What the home page says."""

import re
from collections.abc import Sequence

from sqlalchemy import select

from crm.extensions import db
from crm.organizations.models import Organization

HEADLINE_LENGTH = 140
SENTENCE_END = re.compile(r"(?<=[.!?؟。])\s+")


def headline(purpose: str, name: str) -> tuple[str, str]:
    """Return the line set in large type, and what follows: the purpose's first sentence where it is short."""
    first, *others = SENTENCE_END.split(purpose.strip(), maxsplit=1)
    if 0 < len(first) <= HEADLINE_LENGTH:
        return first, " ".join(others)
    return name, purpose.strip()


def members() -> Sequence[Organization]:
    """Return the member organizations, by name."""
    return db.session.scalars(
        select(Organization).where(Organization.is_member.is_(True)).order_by(Organization.name)
    ).all()
