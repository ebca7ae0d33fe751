"""How letters follow when two records of a person become one, and what goes when somebody is forgotten."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Select, func, select, true, update

from crm.actions.letters import pacing
from crm.actions.letters.models import Outreach
from crm.actions.targets.models import Target
from crm.base.registries import Erasure, Merge
from crm.contacts.forgetting.forgetting import take_names_off_audit
from crm.delivery.models import WAITING, Delivery
from crm.extensions import db
from crm.influencers.models import Influencer


def merge() -> Merge:
    """Return how they follow: all by their foreign keys; of two letters to one target one stays."""
    return Merge(
        seen=lambda _contact_id, _user: true(),
        check=lambda _kept, _gone, _user: None,
        choices=lambda _kept, _gone: [],
        counts=_counts,
        follow=lambda _kept, _gone, _of_gone, _user: None,
    )


def erasure() -> Erasure:
    """Return what goes: letters that wait, and, of an influencer, what names them as a target."""
    return Erasure("letters that wait to be sent, and the person as a target of letters", forget)


def forget(contact_id: int) -> Iterable[Path]:
    """Cancel the letters of the contact that wait; let no action lead to the contact any more."""
    mine = select(Outreach.delivery_id).where(Outreach.contact_id == contact_id, Outreach.delivery_id.is_not(None))
    waits = update(Delivery).where(Delivery.id.in_(mine), Delivery.state.in_(WAITING))
    db.session.execute(waits.values(state="canceled").execution_options(synchronize_session=False))
    query = select(Target).join(Influencer, Influencer.id == Target.influencer_id)
    targets = db.session.scalars(query.where(Influencer.contact_id == contact_id)).all()
    for target in targets:
        pacing.remove(target)
        target.influencer_id, target.name, target.greeting, target.ask_id = None, "Forgotten", "", None
    take_names_off_audit(pacing.THING, [one.id for one in targets])
    db.session.flush()
    return ()


def _counts(gone: int, _user: Any) -> dict[str, Select[int]]:
    return {"letters and calls": select(func.count()).where(Outreach.contact_id == gone)}
