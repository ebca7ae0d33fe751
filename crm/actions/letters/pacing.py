"""How fast letters reach one office, and holding them back: so many an hour, kept by delivery in the database."""

from collections.abc import Collection

from sqlalchemy import Select, select

from crm.actions.models import Action
from crm.actions.targets import channels, linking, recipients
from crm.actions.targets.models import Target
from crm.base import audit, changes, clock
from crm.delivery import outbox, rates
from crm.delivery.addresses import normalize
from crm.delivery.models import SendingLimit
from crm.extensions import db
from crm.influencers.asks import mail_about
from crm.influencers.models import Ask

MOST = 10_000  # letters an hour
THING = "target"


def begin(address: str, per_hour: int) -> None:
    """Pace the letters to an address, unless it is paced already, as by another action."""
    name = normalize(address)
    paced = select(SendingLimit.per_hour).where(SendingLimit.scope == rates.ADDRESS, SendingLimit.name == name)
    if db.session.scalar(paced) is None:
        rates.limit(rates.ADDRESS, name, per_hour, rested=True)


def change(action: Action, per_hour: int) -> None:
    """Let so many letters of the action reach each of its targets in an hour, from now on."""
    changes.lock(action)
    changes.keep(action, "action", {"per_hour": per_hour})
    rates.pace(_paced(action), per_hour)


def pause(target: Target) -> None:
    """Hold back what waits to be sent to the target; nobody is led there meanwhile."""
    _set(target, "pause", paused_at=clock.now())
    if target.message_id is not None:
        outbox.pause(target.message_id)


def resume(target: Target) -> None:
    """Let the letters to the target go on, at the pace that is set."""
    _set(target, "resume", paused_at=None)
    if target.message_id is not None:
        outbox.resume(target.message_id)


def remove(target: Target) -> None:
    """Lead nobody there any more, and cancel what waits; what was done stays."""
    _set(target, "remove", removed_at=clock.now())
    if target.message_id is not None:
        outbox.cancel(target.message_id)
        target.message_id = None


def bring_back(target: Target) -> None:
    """Lead people there again; letters that were canceled stay so."""
    _set(target, "restore", removed_at=None, paused_at=None)


def link(target: Target, ask_id: int | None) -> None:
    """Let the target stand for another ask, or for none; letters that wait follow, or end where that is agreed to."""
    target.ask_id = ask_id
    if target.message_id is None:
        return
    # Kept as it is until the transaction ends, so that nobody agrees to it in between.
    query = select(Ask).where(Ask.id == ask_id).with_for_update(read=True, of=Ask)
    ask = db.session.scalar(query.execution_options(populate_existing=True))
    outbox.note_about(target.message_id, about(target))
    if linking.is_settled(ask):
        outbox.cancel_about(about(target))


def link_clear(action: Action) -> None:
    """Let the targets of the action that stand for no ask stand for the one that is clear, if there is one."""
    _link_clear(select(Target).where(Target.action_id == action.id))


def follow_ask(ask: Ask) -> None:
    """Let the targets that an ask is clearly behind stand for it, where they stand for none."""
    if ask.campaign_id is not None:
        same = (Action.campaign_id == ask.campaign_id, Target.influencer_id == ask.influencer_id)
        _link_clear(select(Target).join(Target.action).where(*same))


def readdress(target: Target, address: str) -> None:
    """Let the letters that wait go to another address of the target; without one they are canceled."""
    if target.message_id is None:
        return
    if address:
        outbox.readdress(target.message_id, address)
        begin(address, target.action.per_hour)
    else:
        outbox.cancel(target.message_id)
        target.message_id = None


def about(target: Target) -> str:
    """Return by what letters to the target are canceled, once it is agreed to; "" for nothing."""
    return mail_about(target.ask_id) if target.ask_id else ""


def _link_clear(query: Select[Target]) -> None:
    open_ones = query.where(Target.ask_id.is_(None), Target.influencer_id.is_not(None)).order_by(Target.id)
    by_action: dict[Action, list[Target]] = {}
    for target in db.session.scalars(open_ones.with_for_update(of=Target)).all():
        by_action.setdefault(target.action, []).append(target)
    for action, targets in by_action.items():
        asks = linking.asks_of(action, [target.influencer_id or 0 for target in targets])
        for target in targets:
            if ask := asks.get(target.influencer_id or 0):
                link(target, ask.id)


def _set(target: Target, verb: str, **values: object) -> None:
    changes.lock(target)
    changed = changes.apply(target, values)
    if changed:
        target.version += 1
        audit.record(verb, THING, target.id)


def _paced(action: Action) -> Collection[str]:
    """Return the addresses of the targets that have letters, and those whose letters had a pace before.

    Others get theirs with the first letter. Who is off the list may come back.
    """
    in_use: dict[str, bool] = {}
    for target in db.session.scalars(select(Target).where(Target.action_id == action.id)):
        if address := recipients.of_target(target, action.kind).channels.get(channels.EMAIL):
            name = normalize(address)
            in_use[name] = in_use.get(name, False) or target.message_id is not None
    limits = select(SendingLimit.name).where(SendingLimit.scope == rates.ADDRESS, SendingLimit.per_hour.is_not(None))
    before = set(db.session.scalars(limits.where(SendingLimit.name.in_(in_use))))
    return {name for name, used in in_use.items() if used or name in before}
