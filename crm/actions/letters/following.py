"""How letters follow when two records of a person become one, and what goes when somebody is forgotten."""

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, or_, select, true, update
from sqlalchemy.orm import aliased

from crm.actions.letters import pacing
from crm.actions.letters.models import Outreach
from crm.actions.targets.models import Target
from crm.base import references
from crm.base.registries import Erasure, Merge
from crm.contacts.forgetting.forgetting import take_names_off_audit, take_names_off_copies
from crm.contacts.merging import former
from crm.contacts.models import Contact
from crm.delivery import rates
from crm.delivery.models import WAITING, Delivery
from crm.extensions import db
from crm.influencers.models import Influencer

TARGET = Target.metadata.tables[Target.__tablename__]
NOBODY = {"name": "Forgotten", **dict.fromkeys(("greeting", "title", "organization", "email", "web_form", "phone"), "")}


def merge() -> Merge:
    """Return how they follow: all by their foreign keys; of two letters to one target one stays."""
    return Merge(
        seen=lambda _contact_id, _user: true(),
        check=lambda _kept, _gone, _user: None,
        choices=lambda _kept, _gone: [],
        counts=_counts,
        follow=follow,
    )


def follow(kept: int, gone: int, _of_gone: Collection[str], _user: Any) -> None:
    """Cancel what waits of the second of two letters that one person wrote to one target."""
    first, second = aliased(Outreach), aliased(Outreach)
    same = (first.target_id == second.target_id) & (first.channel == second.channel)
    double = select(second.delivery_id).join(first, same).where(first.contact_id == kept, second.contact_id == gone)
    _cancel(double.where(second.delivery_id.is_not(None)))


def unite_targets(kept: int, gone: int) -> None:
    """Let the target that the profile of the one that goes is become part of the other of its action."""
    mine, theirs = aliased(Target), aliased(Target)
    both = select(mine, theirs).join(theirs, mine.action_id == theirs.action_id)
    both = both.where(mine.influencer_id == kept, theirs.influencer_id == gone).order_by(mine.id)
    for one, other in db.session.execute(both.with_for_update()).all():
        if one.ask_id is None:
            pacing.link(one, other.ask_id)
        _take_letters(one, other)
        db.session.flush()
        references.repoint(TARGET, one.id, other.id)
        db.session.delete(other)
    db.session.flush()


def erasure() -> Erasure:
    """Return what goes: letters that wait, and, of an influencer, what names them as a target."""
    return Erasure("letters that wait to be sent, and the person as a target of letters", forget)


def forget(contact_id: int) -> Iterable[Path]:
    """Cancel the letters of the contact that wait; let no action lead there, and no letter name the address."""
    _cancel(select(Outreach.delivery_id).where(Outreach.contact_id == contact_id, Outreach.delivery_id.is_not(None)))
    person = db.session.get_one(Contact, contact_id)
    known = {address for address in (person.email, *(one.address for one in former.of(person))) if address}
    query = select(Target).outerjoin(Influencer, Influencer.id == Target.influencer_id)
    is_them = or_(Influencer.contact_id == contact_id, Target.email.in_(known))
    targets = db.session.scalars(query.where(is_them)).all()
    for target in targets:
        pacing.remove(target)
        target.influencer_id, target.ask_id = None, None
        for name, value in NOBODY.items():
            setattr(target, name, value)
    numbers = [one.id for one in targets]
    got = select(Outreach.delivery_id).where(Outreach.target_id.in_(numbers), Outreach.delivery_id.is_not(None))
    _cancel(got)
    take_names_off_copies(Delivery.id.in_(got) & (Delivery.state != "in_flight"))
    take_names_off_audit(pacing.THING, numbers)
    rates.forget(known)
    db.session.flush()
    return ()


def _take_letters(one: Target, other: Target) -> None:
    """Let what waits for the other leave by the message of the one, which is what pauses and cancels it from now on."""
    if one.message_id is None:
        one.message_id = other.message_id
    elif other.message_id is not None:
        theirs = update(Delivery).where(Delivery.message_id == other.message_id, Delivery.state.in_(WAITING))
        values = {"message_id": one.message_id, "about": pacing.about(one)}
        db.session.execute(theirs.values(values).execution_options(synchronize_session=False))
    other.message_id = None


def _cancel(numbers: Select[Any]) -> None:
    waits = update(Delivery).where(Delivery.id.in_(numbers), Delivery.state.in_(WAITING))
    db.session.execute(waits.values(state="canceled").execution_options(synchronize_session=False))


def _counts(gone: int, _user: Any) -> dict[str, Select[int]]:
    return {"letters and calls": select(func.count()).where(Outreach.contact_id == gone)}
