"""Committee seats, as imports bring them: each with the day from which and until which it is known."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from crm.accounts.models import User
from crm.extensions import db
from crm.influencers import history
from crm.influencers.models import Influencer
from crm.influencers.offices.models import CommitteeSeat
from crm.influencers.offices.terms import Seats

PLAIN = ("name", "rank", "side")


def take(influencer: Influencer, seats: Seats, today: date) -> tuple[int, int]:
    """Let the influencer have these seats, and return how many are new or changed, and how many committees were left.

    Another role in a committee is another seat, so that it stays known who chaired it when.
    """
    ever = db.session.scalars(select(CommitteeSeat).where(CommitteeSeat.influencer_id == influencer.id)).all()
    standing = {(seat.code, seat.role): seat for seat in ever if seat.until is None}
    changed = 0
    for told in seats:
        seat = standing.pop((told["code"], told["role"]), None)
        if seat is None:
            changed += 1
            db.session.add(CommitteeSeat(influencer_id=influencer.id, since=today if ever else None, **told))
            if ever:
                history.tell(influencer, "influencer", f"Committee seat: {told['name']} ({told['role']})", None)
        else:
            changed += _differs(seat, told)
    for seat in standing.values():
        end(influencer, seat, today, None)
    db.session.flush()
    codes = {told["code"] for told in seats}
    return changed, sum(seat.code not in codes for seat in standing.values())


def end_all(influencer: Influencer, until: date, user: User | None) -> int:
    """End all seats of the influencer on that day, and return how many there were."""
    mine = select(CommitteeSeat).where(CommitteeSeat.influencer_id == influencer.id, CommitteeSeat.until.is_(None))
    found = db.session.scalars(mine).all()
    for seat in found:
        end(influencer, seat, until, user)
    return len(found)


def end(influencer: Influencer, seat: CommitteeSeat, until: date, user: User | None) -> None:
    """End a seat on that day; it stays in the history."""
    seat.until = until
    history.tell(influencer, "influencer", f"Committee seat ended: {seat.name} ({seat.role})", user)


def _differs(seat: CommitteeSeat, told: Mapping[str, Any]) -> bool:
    # Without the file of names a committee is called by its code, and keeps the name that is known.
    names = [name for name in PLAIN if not (name == "name" and told["name"] == told["code"])]
    changed = {name: told[name] for name in names if getattr(seat, name) != told[name]}
    for name, value in changed.items():
        setattr(seat, name, value)
    return bool(changed)
