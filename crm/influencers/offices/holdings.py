"""Who holds an office: beginning, ending, and a new holder in the place of the present one."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from sqlalchemy import func, select

from crm.accounts.models import User
from crm.base import changes, clock
from crm.base.changes import Collision, Refused, lock
from crm.extensions import db
from crm.influencers import history
from crm.influencers.models import Influencer
from crm.influencers.offices import seats, standing
from crm.influencers.offices.models import Holding, Office

GONE, MOVED, SUCCEEDED = "gone", "moved", "succeeded"
BY_HAND = {
    SUCCEEDED: "Somebody else took over",
    "term": "The term ended",
    "resigned": "Resigned",
    MOVED: "Took another office",
    "died": "Died",
    "other": "Another reason",
}
ENDS = {**BY_HAND, GONE: "A later file names them no more"}


def present(office: Office, user: User | None) -> list[Holding]:
    """Return who holds the office now, as far as the user sees them, who came last first."""
    return standing.holders([office.id], user).get(office.id, [])


def take_over(
    office: Office,
    influencer: Influencer,
    user: User,
    *,
    since: date,
    term_ends_on: date | None,
    ended: str,
    shown: Collection[int],
    today: date,
) -> Holding:
    """Let the influencer hold the office from that day on, in the place of whoever holds it; `ended` says how.

    `shown` are the present holdings that the page showed: raises Collision where others are there now, Refused. Who
    another member keeps for itself is not touched: it holds the office for those who see it.
    """
    lock(office)
    before = present(office, user)
    if {one.id for one in before} != set(shown):
        raise Collision(before)
    if any(one.influencer_id == influencer.id for one in before):
        raise Refused(f"{influencer.name} holds this office already.", "who")
    _check(since, None, term_ends_on, today)
    for one in [] if office.several else before:
        if one.since and since < one.since:
            raise Refused(f"{one.influencer.name} began later. Choose a day after {one.since:%Y-%m-%d}.", "since")
        end(one, since, ended, user)
    return begin(office, influencer, user, since=since, term_ends_on=term_ends_on)


def begin(
    office: Office,
    influencer: Influencer,
    user: User | None,
    *,
    since: date | None,
    term_ends_on: date | None,
    source: str = "",
) -> Holding:
    """Let the influencer hold the office; whoever calls has locked it, and ended what had to end."""
    made = Holding(office_id=office.id, influencer_id=influencer.id, since=since, term_ends_on=term_ends_on)
    made.source, made.version, made.office, made.influencer = source, 1, office, influencer
    db.session.add(made)
    influencer.former_since = None
    db.session.flush()
    history.tell(influencer, "influencer", f"Holds an office: {office.title}", user)
    return made


def end(holding: Holding, until: date, ended: str, user: User | None) -> int:
    """End a holding on that day, and return how many committee seats ended with it.

    The person stays an influencer, with asks and interactions.
    """
    changes.keep(holding, "holding", {"until": until, "ended": ended})
    return _note_end(holding, user)


def reopen(holding: Holding, user: User | None) -> None:
    """Let a holding go on that was ended by mistake."""
    changes.keep(holding, "holding", {"until": None, "ended": ""})
    _note_return(holding, user)


def correct(holding: Holding, values: Mapping[str, Any], opened_on: int, user: User, today: date) -> None:
    """Set since, end of the term, and until when and how it ended; raises Collision, Refused."""
    changes.claim(holding, "holding", opened_on)
    until, ended = values["until"], values["ended"]
    _check(values["since"], until, values["term_ends_on"], today)
    if until and not ended:
        raise Refused("Say how it ended.", "ended")
    if ended and not until:
        raise Refused("Give the day on which it ended, or choose that it lasts.", "until")
    before = holding.until
    if until is None and before and not holding.office.several and present(holding.office, user):
        raise Refused("Somebody else holds the office now. Name a new holder instead.", "until")
    changes.keep(holding, "holding", values)
    if until and not before:
        _note_end(holding, user)
    elif before and not until:
        _note_return(holding, user)
    else:
        mark_former(holding.influencer)


def mark_former(influencer: Influencer) -> None:
    """Note since when the influencer holds no office any more; nothing for whoever holds one or never did."""
    db.session.flush()
    mine = Holding.influencer_id == influencer.id
    if db.session.scalar(select(Holding.id).where(mine, Holding.until.is_(None)).limit(1)) is not None:
        influencer.former_since = None
    else:
        influencer.former_since = db.session.scalar(select(func.max(Holding.until)).where(mine))


def _note_end(holding: Holding, user: User | None) -> int:
    until, who = holding.until or date.min, holding.influencer
    holding.ended_at = clock.now()
    mark_former(who)
    said = (
        f"Office ended on {until:%B} {until.day}, {until.year}: {holding.office.title} ({ENDS[holding.ended].lower()})"
    )
    history.tell(who, "influencer", said, user)
    return seats.end_all(who, until, user) if who.former_since else 0


def _note_return(holding: Holding, user: User | None) -> None:
    holding.ended_at = None
    mark_former(holding.influencer)
    history.tell(holding.influencer, "influencer", f"Holds an office: {holding.office.title}", user)


def _check(since: date | None, until: date | None, term_ends_on: date | None, today: date) -> None:
    if since and since > today:
        raise Refused("Choose a day that has come; enter a later one when it is there.", "since")
    if until and until > today:
        raise Refused("Choose a day that has come; enter a later one when it is there.", "until")
    if since and until and until < since:
        raise Refused("It cannot end before it began.", "until")
    if since and term_ends_on and term_ends_on < since:
        raise Refused("The term cannot end before it began.", "term_ends_on")
