"""What becomes of an influencer, and of who knows whom, when two contacts become one.

Asks, moves, notes, snoozes and interactions follow as they are, each seen by those who saw it before. So only profiles
that the same staff see can become one.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Select, delete, func, or_, select, true, update

from crm.accounts.models import User
from crm.base import references
from crm.base.changes import Refused
from crm.base.registries import Choice, profile_unions
from crm.contacts.models import TimelineEntry
from crm.extensions import db
from crm.influencers import access, bulk, pipeline, profiles
from crm.influencers.changes import in_words
from crm.influencers.models import Ask, FormerImportKey, Influencer, Interaction, RestrictedNote
from crm.influencers.network import folding
from crm.influencers.network.models import Acquaintance
from crm.influencers.offices import folding as office_folding
from crm.influencers.offices import holdings
from crm.influencers.participants import taking_part
from crm.influencers.positions import stances
from crm.influencers.stages import table
from crm.influencers.tasks.models import Task

TABLES = frozenset({Influencer.__tablename__, Acquaintance.__tablename__})
INFLUENCER = Influencer.metadata.tables[Influencer.__tablename__]
PREFIX = "influencer."
# Of these one value is kept; where both say something, staff choose. Notes and basis are put together.
FIELDS = (
    "formal_name",
    "role",
    "body",
    "office",
    "state",
    "district",
    "sector",
    "phone",
    "website",
    "web_form",
    "stage",
    "influence",
    "interest",
    "owner_id",
    "backup_owner_id",
    "languages",
    "assistant_name",
    "assistant_contact",
    "noticed_on",
)
PROSE = ("notes", "basis")
WHY = "Two records of this person became one"


def seen(contact_id: Any, user: User) -> Any:
    """Return the condition for contacts who are no influencers that only other members see."""
    if user.organization_id is None:
        return true()
    hidden = select(Influencer.id).where(Influencer.contact_id == contact_id, ~access.influencers(user))
    return ~hidden.exists()


def check(kept: int, gone: int, user: User) -> None:
    """Lock the profiles; raises Refused where not the same staff see both."""
    both = select(Influencer).where(Influencer.contact_id.in_((kept, gone))).order_by(Influencer.id)
    found = db.session.scalars(both.with_for_update(of=Influencer)).all()
    if len({one.organization_id for one in found}) > 1:
        raise Refused(
            "Not the same staff see both influencers: one is kept by a member for itself. "
            "Choose the same under “Seen by” on both profiles first, then merge.",
            "gone",
        )


def choices(kept: int, gone: int) -> list[Choice]:
    """Return what both profiles say, where both contacts are influencers."""
    mine, theirs = _of(kept), _of(gone)
    if mine is None or theirs is None:
        return []
    pairs = {name: [getattr(mine, name), getattr(theirs, name)] for name in FIELDS}
    words = dict(zip(FIELDS, in_words(pairs), strict=True))
    stages = table.every_label()
    for name in ("state", "phone"):  # The contact has its own.
        words[name] = (f"{words[name][0]} of the office", *words[name][1:])
    words["stage"] = ("Stage", stages[mine.stage], stages[theirs.stage])
    words["sector"] = ("Sector", profiles.SECTORS.get(mine.sector, ""), profiles.SECTORS.get(theirs.sector, ""))
    return [
        Choice(PREFIX + name, label, *(said if value else "" for said, value in zip(shown, pairs[name], strict=True)))
        for name, (label, *shown) in words.items()
    ]


def counts(gone: int, user: User) -> dict[str, Select[int]]:
    """Return how to count what follows of an influencer, as far as the user sees it."""
    ends = or_(Acquaintance.contact_id == gone, Acquaintance.knower_contact_id == gone)
    own = Influencer.contact_id == gone
    return {
        "influencer profile": select(func.count()).select_from(Influencer).where(own, access.influencers(user)),
        "asks": select(func.count()).select_from(Ask).where(Ask.influencer.has(own), access.asks(user)),
        "interactions": select(func.count())
        .select_from(Interaction)
        .where(taking_part.with_contact(gone), access.interactions(user)),
        "tasks": select(func.count()).select_from(Task).where(Task.influencer.has(own), access.tasks(user)),
        "restricted notes": select(func.count())
        .select_from(RestrictedNote)
        .join(Influencer, Influencer.id == RestrictedNote.influencer_id)
        .where(own, access.notes(user)),
        "entries of who knows whom": select(func.count())
        .select_from(Acquaintance)
        .where(ends, access.acquaintances(user)),
    }


def follow(kept: int, gone: int, of_gone: Collection[str], user: User) -> None:
    """Let the profile of the one that goes become that of the other, or part of it; fold who knows whom."""
    mine, theirs = _of(kept), _of(gone)
    if theirs is not None and mine is None:
        theirs.contact_id = kept
    elif theirs is not None and mine is not None:
        _unite(mine, theirs, {name.removeprefix(PREFIX) for name in of_gone if name.startswith(PREFIX)}, user)
    folding.fold(kept, gone)
    office_folding.fold_contacts(kept, gone)
    taking_part.unite(kept, gone)
    db.session.flush()


def _unite(mine: Influencer, theirs: Influencer, of_gone: Collection[str], user: User) -> None:
    _free_keys(mine, theirs)
    # Moves and edits that follow count as older than what comes now.
    mine.version = max(mine.version, theirs.version) + 1
    db.session.flush()
    values = {name: getattr(theirs, name) for name in FIELDS if _takes(name, mine, theirs, of_gone)}
    values |= {name: _both(getattr(mine, name), getattr(theirs, name)) for name in PROSE}
    stage = values.pop("stage", mine.stage)
    profiles.edit(mine, values, user, mine.version)
    if mine.released_at and not theirs.released_at:
        bulk.hold(mine, user)
    stances.unite(mine, theirs)
    pages = update(TimelineEntry).where(TimelineEntry.contact_id == theirs.contact_id)
    there = pages.where(TimelineEntry.url == f"/staff/influencers/{theirs.id}")
    db.session.execute(there.values(url=f"/staff/influencers/{mine.id}"))
    for unite in profile_unions:
        unite(mine.id, theirs.id)
    references.repoint(INFLUENCER, mine.id, theirs.id, {"position"})
    db.session.execute(delete(INFLUENCER).where(Influencer.id == theirs.id))
    db.session.expunge(theirs)
    db.session.expire(mine)
    office_folding.fold(mine)
    holdings.mark_former(mine)
    if stage != mine.stage:
        pipeline.move(mine, stage, user, WHY)


def _free_keys(mine: Influencer, theirs: Influencer) -> None:
    """Let imports find the one that is kept by what they knew the other by, and follow one source for each."""
    external_id, key = theirs.external_id, theirs.import_key
    theirs.external_id = theirs.import_key = None
    db.session.flush()
    keys = {key, profiles.digest(external_id) if external_id else None} - {None}
    if mine.external_id is None and mine.import_key is None:
        mine.imported_from, mine.imported_facts = theirs.imported_from, theirs.imported_facts
        mine.external_id, mine.import_key = external_id, key
        keys -= {key}
    mine.external_id = mine.external_id or external_id
    db.session.add_all(FormerImportKey(key=one, influencer_id=mine.id) for one in keys if one)


def _takes(name: str, mine: Influencer, theirs: Influencer, of_gone: Collection[str]) -> bool:
    return bool(getattr(theirs, name)) and (name in of_gone or not getattr(mine, name))


def _both(mine: str, theirs: str) -> str:
    return mine if theirs in mine else f"{mine}\n\n{theirs}".strip()


def _of(contact_id: int) -> Influencer | None:
    return db.session.scalar(select(Influencer).where(Influencer.contact_id == contact_id))
