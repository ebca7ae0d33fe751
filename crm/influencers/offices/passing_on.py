"""Open asks to whom an office has ended: handed over to the new holder, kept with the person, or lapsed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import aliased, joinedload

from crm.accounts.models import User
from crm.base import pages
from crm.base.changes import Collision, Refused, lock
from crm.base.forms import row_number
from crm.base.public_pages import public_url
from crm.extensions import db
from crm.influencers import access, asks, history
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, Influencer
from crm.influencers.offices import standing
from crm.influencers.offices.models import AskHandover, Holding

SUCCESSOR, KEPT, LAPSED = "successor", "kept", "lapsed"
DECISIONS = {
    SUCCESSOR: "Hand over to the new holder: a new ask, and the old one lapses",
    KEPT: "Keep with the person",
    LAPSED: "Let lapse",
}
CARRIED = (
    *("title", "category", "detail", "talking_points", "owner_id", "campaign_id", "due_on"),
    *("value", "unit", "lobbying", "bill", "paid_by_id"),
)
PATH = "/staff/influencers/offices/asks"


@dataclass(frozen=True)
class Waiting:
    """An open ask, the holding that ended, and who holds the office now, as far as the user sees."""

    ask: Ask
    holding: Holding
    successor: Influencer | None

    @property
    def mark(self) -> str:
        """What a form says of it: the ask, the holding, and on which version of the ask the page was opened."""
        return f"{self.ask.id}-{self.holding.id}-{self.ask.version}"


def query(user: User | None, office_id: int | None = None) -> Select[Ask, Holding]:
    """Return the select of (ask, holding) that wait for a decision and that the user sees, by office and person.

    An ask that was planned after the end was noted is meant for the person.
    """
    found = select(Ask, Holding).join(Holding, Holding.influencer_id == Ask.influencer_id)
    found = found.where(Ask.state.in_(OPEN), access.asks(user), Holding.until.is_not(None), _last(), ~_decided())
    found = found.where(Ask.created_at <= Holding.ended_at, ~_returned())
    if office_id is not None:
        found = found.where(Holding.office_id == office_id)
    return found.order_by(Holding.until.desc(), Holding.id, Ask.id)


def count(user: User | None, office_id: int | None = None) -> int:
    """Return how many asks wait for a decision."""
    return pages.count(query(user, office_id))


def find(user: User, office_id: int | None = None, *, limit: int, offset: int = 0) -> list[Waiting]:
    """Return asks that wait for a decision, each with the person, the office and its present holder."""
    loaded = (
        joinedload(Ask.owner),
        joinedload(Ask.influencer).joinedload(Influencer.contact),
        joinedload(Holding.office),
    )
    rows = db.session.execute(query(user, office_id).options(*loaded).limit(limit).offset(offset)).all()
    holders = _holders({holding.office_id for _, holding in rows}, user)
    return [Waiting(ask, holding, holders.get(holding.office_id)) for ask, holding in rows]


def decide(mark: str, decision: str, reason: str, user: User) -> Ask | None:
    """Do with one ask (by its mark, see Waiting) what was decided, and return the new ask where there is one.

    Raises Refused, Collision where somebody changed the ask after the page was opened.
    """
    ask, holding, version = _of(mark, user)
    if missed := asks.changes_since(ask, version):
        raise Collision(missed)
    made = None
    if decision == SUCCESSOR:
        made = _to_successor(ask, holding, user)
    elif decision == KEPT:
        words = f"Kept with the person, who left {holding.office.title}. {reason}".strip()
        asks.keep(ask, ask.state, user, reason=words)
    else:
        words = f"Who held {holding.office.title} left it. {reason}".strip()
        asks.advance(ask, "lapsed", user, reason=words)
    row = AskHandover(ask_id=ask.id, holding_id=holding.id, decision=decision, user_id=user.id)
    row.successor_id = made.id if made else None
    db.session.add(row)
    db.session.flush()
    return made


def links(ask: Ask, user: User) -> list[tuple[str, Ask]]:
    """Return the asks that this one was handed over to (`to`) and comes from (`from`), as far as the user sees them."""
    if not any(change.reason for change in ask.history[:1]) and all(c.new_state != "lapsed" for c in ask.history):
        return []  # Whatever is handed over lapses, and what comes of it begins with a reason.
    onward = and_(AskHandover.ask_id == ask.id, Ask.id == AskHandover.successor_id)
    back = and_(AskHandover.successor_id == ask.id, Ask.id == AskHandover.ask_id)
    found = select(Ask, AskHandover).join(AskHandover, or_(onward, back)).where(access.asks(user))
    found = found.options(joinedload(Ask.influencer).joinedload(Influencer.contact)).order_by(AskHandover.id)
    return [("to" if row.ask_id == ask.id else "from", other) for other, row in db.session.execute(found)]


def url() -> str:
    """Return the address of the page that lists them."""
    return public_url(PATH)


def _of(mark: str, user: User) -> tuple[Ask, Holding, int]:
    gone = Refused("One of the asks is decided already, or waits no more.", "marks")
    ask_id, holding_id, version, *_ = (*map(row_number, mark.split("-")), 0, 0, 0)
    ask = db.session.scalar(select(Ask).where(Ask.id == ask_id, access.asks(user)))
    if ask is None:
        raise gone
    lock(ask)
    row = db.session.execute(query(user).where(Ask.id == ask_id, Holding.id == holding_id)).first()
    if row is None:
        raise gone
    return ask, row[1], version


def _to_successor(ask: Ask, holding: Holding, user: User) -> Ask:
    successor = _holders({holding.office_id}, user).get(holding.office_id)
    if successor is None:
        raise Refused(f"Nobody holds {holding.office.title} yet. Name the new holder first.", "decision")
    kept_by = ask.influencer.organization_id
    if successor.organization_id not in (None, kept_by, ask.organization_id):
        raise Refused("Another member keeps the new holder for itself. Keep the ask, or let it lapse.", "decision")
    made = asks.plan(successor, _carried(ask, successor), user)
    made.organization_id = ask.organization_id
    if kept_by is not None and successor.organization_id != kept_by:
        made.seen_by = "own"  # It was for that member's staff alone, and others see the new holder.
    made.history[0].reason = f"Handed over from who held {holding.office.title} before."
    history.follow_ask(made)
    # The office is named, which all see, and not the new holder, whom not all may see.
    asks.advance(ask, "lapsed", user, reason=f"Handed over to the new holder of {holding.office.title}.")
    return made


def _carried(ask: Ask, successor: Influencer) -> dict[str, Any]:
    values = {name: getattr(ask, name) for name in CARRIED} | {"seen_by": ask.seen_by}
    if ask.owner and not (ask.owner.active and access.seen(ask.owner, [successor])):
        values["owner_id"] = None
    return values


def _holders(office_ids: Collection[int], user: User) -> dict[int, Influencer]:
    found = standing.holders(office_ids, user)
    return {office_id: lasting[0].influencer for office_id, lasting in found.items()}


def _last() -> ColumnElement[bool]:
    """Of several offices that ended, the last one counts, so that each ask is decided on once."""
    later = aliased(Holding)
    ended = select(later.id).where(later.influencer_id == Holding.influencer_id, later.until.is_not(None))
    return ~ended.where(later.id > Holding.id).exists()


def _returned() -> ColumnElement[bool]:
    """Whoever holds the same office again is whom the ask was made to."""
    again = aliased(Holding)
    same = select(again.id).where(again.influencer_id == Holding.influencer_id, again.office_id == Holding.office_id)
    return same.where(again.until.is_(None)).exists()


def _decided() -> ColumnElement[bool]:
    return select(AskHandover.id).where(AskHandover.ask_id == Ask.id, AskHandover.holding_id == Holding.id).exists()
