"""What somebody of the staff has in hand of influencers, and how a colleague takes over what both of them see."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Integer, Text, exists, func, insert, literal, select, update

from crm.accounts.models import User
from crm.base import audit, changes, clock
from crm.base.columns import Json, UtcDateTime
from crm.base.registries import Handover, handovers
from crm.contacts import timeline
from crm.extensions import db
from crm.influencers import access
from crm.influencers.asks import OPEN
from crm.influencers.models import Ask, AskChange, Influencer, Interaction, ProfileChange, RestrictedNote
from crm.influencers.saved_filters.models import SavedFilter
from crm.influencers.tasks import tracking
from crm.influencers.tasks.models import Task


def register() -> None:
    """Enter what can be handed over."""
    handovers.add("asks", Handover("Open asks", lambda user: _count(_open_asks(user)), hand_over_asks))
    for column, label in (("owner_id", "Influencers"), ("backup_owner_id", "Influencers as backup owner")):
        handovers.add(column, _of_influencers(column, label))
    handovers.add("next steps", Handover("Open next steps", lambda user: _count(_open_steps(user)), hand_over_steps))
    handovers.add("tasks", Handover("Open tasks", lambda user: _count(_open_tasks(user)), hand_over_tasks))
    handovers.add("notes", Handover("Restricted notes", lambda user: _count(_notes(user)), hand_over_notes))
    handovers.add("filters", Handover("Saved filters", lambda user: _count(_filters(user)), hand_over_filters))


def hand_over_asks(giver: User, receiver: User, by: User) -> int:
    """Make the receiver the owner of the open asks that the receiver sees; returns how many."""
    ids = _claim(Ask.id, *_open_asks(giver), access.asks(receiver))
    changed = {"owner_id": [giver.id, receiver.id]}
    told = {
        "ask_id": Ask.id,
        "at": literal(clock.now(), UtcDateTime),
        "user_id": literal(by.id, Integer),
        "old_state": Ask.state,
        "new_state": Ask.state,
        "reason": literal(f"Handed over by {giver.name}", Text),
        "changes": literal(changed, Json),
        "version": Ask.version + 1,
    }
    _write(AskChange, told, Ask.id.in_(ids))
    _set(Ask, Ask.id.in_(ids), owner_id=receiver.id, version=Ask.version + 1)
    return len(ids)


def hand_over_steps(giver: User, receiver: User, by: User) -> int:
    """Let the receiver, who may work on them, take the open next steps of the same organization.

    Who held the interaction stays on record.
    """
    if not receiver.may("influencers.edit"):
        return 0
    hidden = exists().where(Influencer.contact_id == Interaction.contact_id, ~access.influencers(receiver))
    seen = (*_open_steps(giver), access.own_interactions(receiver), ~hidden)
    rows = db.session.scalars(select(Interaction).where(*seen).order_by(Interaction.id).with_for_update()).all()
    for one in rows:
        one.next_step_user_id = receiver.id
        timeline.record(
            one.contact_id,
            "interaction",
            f"Next step handed over from {giver.name} to {receiver.name}: {one.next_step}",
            actor=by.email,
            private=True,
            organization_id=one.organization_id,
        )
        audit.record("hand_over", "interaction", one.id, next_step_user_id=[giver.id, receiver.id])
    return len(rows)


def hand_over_tasks(giver: User, receiver: User, by: User) -> int:
    """Give the receiver the open tasks of the same organization about influencers whom the receiver works on.

    Returns how many. Tasks of other organizations stay: they are read by whom these gave them to, and nobody else.
    """
    if not receiver.may("influencers.edit"):
        return 0
    seen = (*_open_tasks(giver), access.own_tasks(receiver), access.tasks(receiver))
    rows = db.session.scalars(select(Task).where(*seen).order_by(Task.id).with_for_update()).all()
    for one in rows:
        changes.keep(one, tracking.THING, {"assignee_id": receiver.id})
    return len(rows)


def hand_over_notes(giver: User, receiver: User, by: User) -> int:
    """Put the restricted notes that the receiver reads anyway under the receiver's name; the audit trail says whose."""
    ids = _claim(RestrictedNote.id, *_notes(giver), access.notes(receiver))
    for number in ids:
        audit.record("hand_over", "restricted_note", number, user_id=[giver.id, receiver.id])
    _set(RestrictedNote, RestrictedNote.id.in_(ids), user_id=receiver.id)
    return len(ids)


def hand_over_filters(giver: User, receiver: User, by: User) -> int:
    """Give the receiver the saved filters; one of a name that the receiver has says whose it was."""
    names = {name.lower() for name in db.session.scalars(select(SavedFilter.name).where(*_filters(receiver)))}
    rows = db.session.scalars(select(SavedFilter).where(*_filters(giver)).order_by(SavedFilter.id)).all()
    for one in rows:
        one.name = _free(one.name, giver, names)
        names.add(one.name.lower())
        if giver.organization_id != receiver.organization_id:
            one.shared = False  # It was shared with the colleagues of whoever saved it.
        one.user_id = receiver.id
        audit.record("hand_over", "saved_filter", one.id, user_id=[giver.id, receiver.id])
    db.session.flush()
    return len(rows)


def _of_influencers(column: str, label: str) -> Handover:
    held = getattr(Influencer, column)

    def hand_over(giver: User, receiver: User, by: User) -> int:
        other = getattr(Influencer, "backup_owner_id" if column == "owner_id" else "owner_id")
        seen = (held == giver.id, access.influencers(receiver))
        # Nobody is owner and backup owner of the same influencer.
        doubled = _claim(Influencer.id, *seen, other == receiver.id)
        ids = _claim(Influencer.id, *seen)
        rest = [number for number in ids if number not in set(doubled)]
        _move(rest, {column: [giver.id, receiver.id]}, by)
        if column == "owner_id":
            _move(doubled, {column: [giver.id, receiver.id], "backup_owner_id": [receiver.id, None]}, by)
        else:
            _move(doubled, {column: [giver.id, None]}, by)
        return len(ids)

    return Handover(label, lambda user: _count((held == user.id,)), hand_over)


def _move(ids: Sequence[int], changed: dict[str, list[int | None]], by: User) -> None:
    """Change owners of many influencers, each with a line in the history of the profile."""
    told = {
        "influencer_id": Influencer.id,
        "at": literal(clock.now(), UtcDateTime),
        "user_id": literal(by.id, Integer),
        "changes": literal(changed, Json),
        "version": Influencer.version + 1,
    }
    _write(ProfileChange, told, Influencer.id.in_(ids))
    values = {name: new for name, (_, new) in changed.items()}
    _set(Influencer, Influencer.id.in_(ids), **values, version=Influencer.version + 1)


def _claim(number: Any, *where: ColumnElement[bool]) -> Sequence[int]:
    """Lock the rows, and return their ids, so that what is written of them is what they are."""
    db.session.flush()
    return db.session.scalars(select(number).where(*where).order_by(number).with_for_update()).all()


def _write(history: Any, told: dict[str, Any], which: ColumnElement[bool]) -> None:
    db.session.execute(insert(history).from_select(list(told), select(*told.values()).where(which)))


def _set(table: Any, which: ColumnElement[bool], **values: Any) -> None:
    db.session.execute(update(table).where(which).values(values).execution_options(synchronize_session=False))
    db.session.expire_all()


def _count(where: Sequence[ColumnElement[bool]]) -> int:
    return db.session.scalar(select(func.count()).where(*where)) or 0


def _open_asks(user: User) -> Sequence[ColumnElement[bool]]:
    return Ask.owner_id == user.id, Ask.state.in_(OPEN)


def _open_steps(user: User) -> Sequence[ColumnElement[bool]]:
    mine = func.coalesce(Interaction.next_step_user_id, Interaction.user_id) == user.id
    return mine, Interaction.next_step != "", Interaction.next_step_done_at.is_(None)


def _open_tasks(user: User) -> Sequence[ColumnElement[bool]]:
    return Task.assignee_id == user.id, Task.done_at.is_(None)


def _notes(user: User) -> Sequence[ColumnElement[bool]]:
    return (RestrictedNote.user_id == user.id,)


def _filters(user: User) -> Sequence[ColumnElement[bool]]:
    return (SavedFilter.user_id == user.id,)


def _free(name: str, giver: User, taken: set[str]) -> str:
    if name.lower() not in taken:
        return name
    wishes = (f"{name[:150]} ({giver.name[:30]}{f', {n}' if n > 1 else ''})" for n in range(1, 10_000))
    return next(wish for wish in wishes if wish.lower() not in taken)
