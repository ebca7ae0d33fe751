"""What the timelines of all contacts who take part say of an interaction, to those who may read it."""

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, delete, or_, update

from crm.accounts.models import User
from crm.contacts import timeline
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers.models import Interaction
from crm.influencers.participants import taking_part


def tell(
    interaction: Interaction, title: str, user: User | None, *, of: Collection[int] = (), step: bool = False
) -> None:
    """Write an entry for everybody who takes part (or those contacts alone); step: about the next step."""
    for contact_id in of or taking_part.contact_ids(interaction):
        timeline.record(
            contact_id,
            "interaction",
            title,
            url=f"{_page(interaction)}#next-step" if step else _page(interaction),
            actor=user.email if user else None,
            private=True,
            organization_id=interaction.organization_id,
        )


def tell_anew(interaction: Interaction, before: str, title: str, was: Iterable[int], user: User | None) -> None:
    """Let the entries say what an edit made of it: of the contacts who took part before, and those who do now."""
    was, now = set(was), set(taking_part.contact_ids(interaction))
    entries = update(TimelineEntry).where(*_entries(interaction, before, was & now))
    db.session.execute(entries.values(title=title, url=_page(interaction)))
    db.session.execute(delete(TimelineEntry).where(*_entries(interaction, before, was - now)))
    if new := sorted(now - was):
        tell(interaction, title, user, of=new)


def forget(interaction: Interaction) -> None:
    """Delete the entries of an interaction that goes."""
    mine = TimelineEntry.url.in_([_page(interaction), f"{_page(interaction)}#next-step"])
    whose = TimelineEntry.contact_id.in_(taking_part.contact_ids(interaction))
    db.session.execute(delete(TimelineEntry).where(whose, mine))


def _page(interaction: Interaction) -> str:
    return f"/staff/interactions/{interaction.id}"


def _entries(interaction: Interaction, title: str, of: Iterable[int]) -> list[ColumnElement[bool]]:
    # Entries of before there was such a page lead nowhere, and are known by their words.
    old = (TimelineEntry.url == "") & (TimelineEntry.title == title) & (TimelineEntry.kind == "interaction")
    mine = or_(TimelineEntry.url == _page(interaction), old)
    same = TimelineEntry.organization_id.is_not_distinct_from(interaction.organization_id)
    return [TimelineEntry.contact_id.in_(list(of)), same, mine]
