"""What becomes of a letter or call once the address of whoever did it is proven: written down once, and sent."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from crm.actions import addresses, opening
from crm.actions.letters import pacing, posting
from crm.actions.letters.models import Letter, Outreach
from crm.actions.models import Action
from crm.actions.targets import channels, linking, recipients
from crm.actions.targets.models import Target
from crm.actions.targets.recipients import BY_ZIP, Home, Recipient
from crm.base.database import insert_into
from crm.base.deeds import Done
from crm.contacts import timeline
from crm.extensions import db
from crm.influencers.models import Ask

LETTER, CALL = channels.LETTER, channels.CALL


def settle(done: Done) -> None:
    """Write down to whom the contact wrote or whom they called, each once, and queue the letters.

    Where an ask was agreed to meanwhile, nothing goes to its target, and no letter leaves once the action is closed;
    what people did by form and telephone before is written down all the same.
    """
    action, details = db.session.get(Action, done.deed.about_id), done.deed.details
    if action is None:
        return
    home = home_of(action, details)
    chosen = [one for one in recipients.offered(action, home) if one.choice in set(details.get("did", ()))]
    if opening.phase(action) != opening.OPEN:
        chosen = [one for one in chosen if one.channel != channels.EMAIL]
    ways = {one.key: one.channel for one in chosen}
    targets = [one for one in _unsettled(_made(action, chosen)) if _still_has(one, action, ways[_key(one)])]
    rows = _write(done, action, targets, ways)
    if by_mail := [row for row in rows if row.channel == channels.EMAIL]:
        of = {one.id: one for one in targets}
        posting.post(_letter(action, done, details), [(row, of[row.target_id]) for row in by_mail])
    _tell(action, done, rows)


def note(action: Action, recipient: Recipient, done: Done) -> bool:
    """Write down that somebody used a form or the telephone; False where that was known, or is over."""
    if recipient.channel == channels.EMAIL:
        return False
    targets = _unsettled(_made(action, [recipient]))
    rows = _write(done, action, targets, {recipient.key: recipient.channel})
    _tell(action, done, rows)
    return bool(rows)


def home_of(action: Action, details: Mapping[str, Any]) -> Home | None:
    """Return where the supporter lives, as the form said; None where the action does not ask."""
    if action.whom != BY_ZIP:
        return None
    return Home.of(str(details.get("zip", "")), str(details.get("district", "")))


def done_by(action_id: int, contact_id: int) -> Sequence[Outreach]:
    """Return what the contact did for the action."""
    query = select(Outreach).where(Outreach.action_id == action_id, Outreach.contact_id == contact_id)
    return db.session.scalars(query.order_by(Outreach.id)).all()


def _made(action: Action, chosen: Collection[Recipient]) -> list[Target]:
    """Return the targets of these recipients, each with the ask that it was offered for."""
    asks, targets = {one.key: one.ask for one in chosen}, recipients.made(action, chosen)
    for target in targets:
        ask = asks[_key(target)]
        if target.ask_id is None and ask is not None:
            pacing.link(target, ask.id)
    return targets


def _unsettled(targets: Sequence[Target]) -> list[Target]:
    """Return those whose ask is open, and keep it so until this transaction ends, so that no letter slips past it."""
    numbers = sorted({one.ask_id for one in targets if one.ask_id})
    query = select(Ask).where(Ask.id.in_(numbers)).order_by(Ask.id).with_for_update(read=True, of=Ask)
    found = db.session.scalars(query.execution_options(populate_existing=True)) if numbers else ()
    over = {ask.id for ask in found if linking.is_settled(ask)}
    return [one for one in targets if one.ask_id not in over and not one.paused_at and not one.removed_at]


def _still_has(target: Target, action: Action, channel: str) -> bool:
    """Tell whether the target has that channel now that it is locked; staff may have taken it away meanwhile."""
    return channel in recipients.of_target(target, action.kind).channels


def _letter(action: Action, done: Done, details: Mapping[str, Any]) -> Letter:
    said = {name: str(details.get(name, "")) for name in ("name", "subject", "text")}
    said["zip_code"] = str(details.get("zip", ""))
    letter = Letter(action_id=action.id, contact_id=done.contact_id, language=done.language, at=done.at, **said)
    db.session.add(letter)
    db.session.flush()
    return letter


def _write(done: Done, action: Action, targets: Collection[Target], ways: Mapping[str, str]) -> Sequence[Outreach]:
    same: dict[str, Any] = {"action_id": action.id, "contact_id": done.contact_id, "source_id": done.source_id}
    same |= {"new": done.new, "at": done.at}
    rows = [{**same, "target_id": one.id, "channel": ways[_key(one)]} for one in targets]
    if not rows:
        return []
    added = insert_into(Outreach).values(rows).on_conflict_do_nothing().returning(Outreach.id)
    numbers = db.session.scalars(added).all()
    return db.session.scalars(select(Outreach).where(Outreach.id.in_(numbers)).order_by(Outreach.id)).all()


def _key(target: Target) -> str:
    return f"i{target.influencer_id}" if target.influencer_id else f"t{target.id}"


def _tell(action: Action, done: Done, rows: Sequence[Outreach]) -> None:
    called = sum(row.channel == channels.PHONE for row in rows)
    said = {"Called": called, "Wrote to": len(rows) - called}
    for words, number in said.items():
        if number:
            title = f"{words} {number} {'office' if number == 1 else 'offices'}: {action.title()}"
            timeline.record(done.contact_id, "action", title, addresses.page(action), actor="visitor", at=done.at)
