"""Editing an interaction: by who wrote it, or an admin of the same organization; every edit is kept."""

import json
from collections.abc import Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import joinedload

from crm.accounts.models import User
from crm.base.changes import Collision, apply, lock
from crm.extensions import db
from crm.influencers import access, interactions
from crm.influencers.access import OPENNESS
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants import people, taking_part, telling
from crm.influencers.participants.models import InteractionChange, InteractionContact

LABELS = {
    "held_on": "Date",
    "begins_at": "Time",
    "zone": "Time zone",
    "openness": "What other members learn of it",
    "next_step_due": "Next step due",
    people.FIELD: "Who else took part",
}


def find(interaction_id: int, user: User) -> Interaction | None:
    """Return the interaction, where it is the own staff's, or open and with somebody whom the user sees."""
    seen = select(Influencer.contact_id).where(access.influencers(user))
    beside = select(InteractionContact.interaction_id).where(
        InteractionContact.interaction_id == Interaction.id, InteractionContact.contact_id.in_(seen)
    )
    known = access.interactions(user) & (Interaction.contact_id.in_(seen) | beside.exists())
    query = select(Interaction).where(Interaction.id == interaction_id, access.own_interactions(user) | known)
    loaded = (Interaction.contact, Interaction.user, Interaction.organization)
    return db.session.scalar(query.options(*(joinedload(one) for one in loaded)))


def may_edit(interaction: Interaction, user: User) -> bool:
    """Tell whether the user wrote it, or is an admin, and of the organization that may read it."""
    own = interaction.organization_id == user.organization_id
    return own and user.may("influencers.edit") and (interaction.user_id == user.id or user.role == "admin")


def edit(
    interaction: Interaction, values: Mapping[str, Any], user: User, expected_version: int
) -> InteractionChange | None:
    """Set the values, and return what changed; None where nothing did.

    Raises Collision where somebody else changed it after that version, Refused.
    """
    kept = ("openness", "next_step", "next_step_due")
    given = {**{name: getattr(interaction, name) for name in kept}, **values}
    participants = given.pop(people.FIELD, "")
    given["zone"] = given["zone"] if given["begins_at"] else ""
    interactions.check(given)
    others = people.find(participants, user)
    lock(interaction)
    if missed := changes_of(interaction, expected_version):
        raise Collision(missed)
    before, was = interactions.title(interaction), taking_part.contact_ids(interaction)
    changed = apply(interaction, given) | taking_part.settle(interaction, others)
    if not changed:
        return None
    interaction.version += 1
    change = InteractionChange(
        interaction_id=interaction.id, user_id=user.id, changes=changed, version=interaction.version
    )
    db.session.add(change)
    db.session.flush()
    telling.tell_anew(interaction, before, interactions.title(interaction), was, user)
    return change


def changes_of(interaction: Interaction, since: int = 0) -> list[InteractionChange]:
    """Return the edits made after that version, oldest first."""
    query = select(InteractionChange).where(
        InteractionChange.interaction_id == interaction.id, InteractionChange.version > since
    )
    return list(db.session.scalars(query.options(joinedload(InteractionChange.user)).order_by(InteractionChange.id)))


def forget(addresses: Collection[str], numbers: Collection[int]) -> None:
    """Take whoever had these addresses or numbers out of what edits say of who took part."""
    ends = (*(f"<{address}>" for address in addresses), *(f" #{number}" for number in numbers))
    # SQLite keeps JSON in ASCII.
    forms = {form for mark in (*addresses, *ends) for form in {mark, json.dumps(mark)[1:-1]}}
    text = cast(InteractionChange.changes, String)
    named = or_(*(text.contains(form, autoescape=True) for form in forms))
    for change in db.session.scalars(select(InteractionChange).where(named)):
        if told := change.changes.get(people.FIELD):
            change.changes = {**change.changes, people.FIELD: [_without(names, addresses, ends) for names in told]}
    db.session.flush()


def shown(interaction: Interaction) -> SimpleNamespace:
    """Return what the form shows beside the columns: who else took part, as text."""
    return SimpleNamespace(participants=people.written(taking_part.of(interaction)))


def in_words(changes: Mapping[str, Sequence[Any]]) -> list[tuple[str, str, str]]:
    """Return (label, old, new) of each changed field, as a page shows it."""
    return [
        (LABELS.get(name, name.replace("_", " ").capitalize()), _word(name, old), _word(name, new))
        for name, (old, new) in changes.items()
    ]


def _without(names: str, addresses: Collection[str], ends: tuple[str, ...]) -> str:
    lines = (names or "").split("\n")
    return "\n".join(line for line in lines if line not in addresses and not line.endswith(ends))


def _word(name: str, value: Any) -> str:
    if value in (None, ""):
        return "nothing"
    words = {"kind": interactions.KINDS, "openness": OPENNESS}.get(name, {})
    text = words.get(value, str(value).replace("\n", ", "))
    return text[:5] if name == "begins_at" else text
