"""To whom a supporter is led: each office with its channels, those left out whose ask is agreed to."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from crm.actions.models import Action
from crm.actions.targets import channels, linking, representatives
from crm.actions.targets.models import Target
from crm.actions.targets.representatives import Seat
from crm.base.database import insert_into
from crm.extensions import db
from crm.influencers.models import Ask, Influencer

BY_ZIP = "zip"


@dataclass(frozen=True)
class Recipient:
    """Whom one writes to or calls. `key` names it in forms and stays; `seat` is the key of its office in Congress."""

    key: str
    name: str
    title: str
    organization: str
    place: str
    channels: Mapping[str, str]
    channel: str
    target: Target | None = None
    influencer: Influencer | None = None
    ask: Ask | None = None
    seat: str = ""

    @property
    def way(self) -> str:
        """The address, form or number of the channel that one is led to."""
        return self.channels.get(self.channel, "")

    @property
    def dialed(self) -> str:
        return channels.dialed(self.way)

    @property
    def choice(self) -> str:
        """What a form sends where somebody chooses it."""
        return f"{self.channel}:{self.key}"


@dataclass(frozen=True)
class Home:
    """Where a supporter lives: the ZIP code, and the districts that it may be in (all of them, where nobody chose)."""

    zip_code: str
    seats: Sequence[Seat]

    @classmethod
    def of(cls, zip_code: str, chosen: str = "") -> "Home":
        """Return the home in that ZIP code, in the district whose key was chosen where it is one of them."""
        seats = representatives.seats_of(zip_code)
        return cls(zip_code, [seat for seat in seats if seat.key == chosen] or seats)


def offered(action: Action, home: Home | None) -> list[Recipient]:
    """Return to whom the action leads now, who lives there: not those whose ask is agreed to, nor paused ones."""
    return [one for one in _all(action, home) if one.channel and not linking.is_settled(one.ask) and not _is_held(one)]


def thanked(action: Action, home: Home | None) -> list[Recipient]:
    """Return who has agreed, as far as that may be public."""
    return [one for one in _all(action, home) if one.ask and one.ask.public_at and linking.is_settled(one.ask)]


def unreachable(action: Action, home: Home | None) -> list[Recipient]:
    """Return whom one would be led to, were there a form or number on record, as of a member just elected."""
    return [one for one in _all(action, home) if not (one.channel or linking.is_settled(one.ask) or _is_held(one))]


def made(action: Action, chosen: Iterable[Recipient]) -> list[Target]:
    """Return the targets of these recipients, made where they are new, in the order of their ids and locked."""
    chosen = list(chosen)
    numbers = [one.target.id for one in chosen if one.target is not None]
    for one in chosen:
        if one.target is None and one.influencer is not None:
            values = {"ask_id": one.ask.id if one.ask else None, "name": one.name}
            numbers.append(_make(action.id, one.influencer.id, values))
    query = select(Target).where(Target.id.in_(numbers)).order_by(Target.id)
    return list(db.session.scalars(query.with_for_update(of=Target).execution_options(populate_existing=True)))


def named(target: Target) -> str:
    """Return the name of a target as it is now."""
    return public_name(target.influencer) if target.influencer else target.name


def public_name(influencer: Influencer) -> str:
    """Return the name by which an influencer is known in public."""
    return influencer.formal_name or influencer.name


def of_target(target: Target, kind: str) -> Recipient:
    """Return a target as those see it who are led there."""
    influencer = target.influencer
    if influencer is not None:
        return _of_influencer(influencer, target, target.ask, kind)
    found = channels.of_own(target)
    said = (target.name, target.title, target.organization, "")
    return Recipient(f"t{target.id}", *said, found, channels.best(found, kind), target, ask=target.ask)


def _all(action: Action, home: Home | None) -> list[Recipient]:
    if action.whom == BY_ZIP:
        return _representatives(action, home) if home is not None else []
    return [of_target(target, action.kind) for target in _targets(action)]


def _targets(action: Action) -> Sequence[Target]:
    query = select(Target).where(Target.action_id == action.id, Target.removed_at.is_(None)).order_by(Target.id)
    whom = joinedload(Target.influencer).joinedload(Influencer.contact)
    return db.session.scalars(query.options(whom, joinedload(Target.ask))).all()


def _representatives(action: Action, home: Home) -> list[Recipient]:
    held = representatives.holding(home.seats, action.chambers, action.organization_id)
    numbers = [influencer.id for influencer, _ in held]
    mine = select(Target).where(Target.action_id == action.id, Target.influencer_id.in_(numbers))
    known = {one.influencer_id: one for one in db.session.scalars(mine.options(joinedload(Target.ask)))}
    asks = linking.asks_of(action, numbers)
    return [
        _of_influencer(one, target, (target.ask if target else None) or asks.get(one.id), action.kind, key)
        for one, key in held
        for target in (known.get(one.id),)
    ]


def _of_influencer(
    influencer: Influencer, target: Target | None, ask: Ask | None, kind: str, seat: str = ""
) -> Recipient:
    found = channels.of_influencer(influencer, use_email=bool(target and target.use_email))
    body = "" if channels.is_of_congress(influencer) else influencer.body  # The role says it.
    said = (public_name(influencer), influencer.role, body, influencer.constituency)
    return Recipient(f"i{influencer.id}", *said, found, channels.best(found, kind), target, influencer, ask, seat)


def _is_held(one: Recipient) -> bool:
    return one.target is not None and bool(one.target.paused_at or one.target.removed_at)


def _make(action_id: int, influencer_id: int, values: Mapping[str, object]) -> int:
    row = {"action_id": action_id, "influencer_id": influencer_id, **values}
    db.session.execute(insert_into(Target).values(**row).on_conflict_do_nothing())
    mine = select(Target.id).where(Target.action_id == action_id, Target.influencer_id == influencer_id)
    return db.session.scalars(mine).one()
