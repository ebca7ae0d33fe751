"""What a click leaves behind: our own pages learn by which mailing somebody comes, and nothing of who it is.

The trail stands in the address, and goes with the visitor to what is signed there. A stranger's site gets none, and
what the author wrote into a link stays as it is.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from crm.base.credits import Credit
from crm.contacts import links
from crm.contacts.models import Source
from crm.delivery import merge_fields
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.reading.counting import Followed

CODE = re.compile(r"mailing-([1-9]\d{0,8})")
PLACE = re.compile(r"(\d{1,6})-([a-z]{2})(?:-([a-z]\d{0,9}))?")


@dataclass(frozen=True)
class Place:
    """Where in a mailing a link was followed: its number, the language of the text, and the version."""

    link: int
    language: str
    variant: str


def code(mailing_id: int) -> str:
    """Return the code that credits a mailing."""
    return f"mailing-{mailing_id}"


def lead(followed: Followed) -> str:
    """Return where a click leads: to the link's own address, with the trail where that is a page of ours."""
    mine = code(followed.mailing_id)
    place = "-".join(part for part in (str(followed.number), followed.language, followed.variant) if part)
    trail = {"via": mine, "utm_source": "mailing", "utm_medium": "email", "utm_campaign": mine, "utm_content": place}
    return links.with_credit(followed.url, trail)


def credit(text: str) -> Credit | None:
    """Return the kind and label of the source that a mailing's code stands for; None for another code."""
    found = CODE.fullmatch(text)
    mailing = db.session.get(Mailing, int(found[1])) if found else None
    return (
        ("mailing", f"Mailing: {merge_fields.plain(mailing.subject) or '(no subject)'}")
        if mailing is not None
        else None
    )


def sources(mailing_ids: Iterable[int]) -> Select[int]:
    """Return the select of the ids of the sources that credit one of these mailings.

    Where the author's link names somebody else (via), or another campaign, the other of the two tells the mailing.
    """
    codes = [code(one) for one in mailing_ids]
    return select(Source.id).where(or_(Source.code.in_(codes), Source.utm_campaign.in_(codes)))


def place(content: str) -> Place | None:
    """Return where the link stood that left that trail; None for what an author wrote himself."""
    found = PLACE.fullmatch(content)
    return Place(int(found[1]), found[2], found[3] or "") if found else None
