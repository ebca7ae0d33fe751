"""From a mailing that is due to messages with one delivery for each recipient; it may be killed and run again."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, insert, select, update

from crm.base import audit, clock, database
from crm.contacts.click_consent import agreeing
from crm.delivery import freezing, merge_fields, outbox
from crm.delivery.models import Message
from crm.extensions import db
from crm.mailings import audience, checks, holding, identity, links, owners, rendering, texts
from crm.mailings.approval import approving, gate
from crm.mailings.archive import addresses, archiving, as_sent
from crm.mailings.capping import outcomes, turns
from crm.mailings.comparing import pairing
from crm.mailings.comparing.models import A, B
from crm.mailings.models import Mailing, MailingLink, MailingMessage
from crm.mailings.replies import addresses as reply_addresses
from crm.mailings.waves import keeping
from crm.mailings.waves.models import MailingWave
from crm.mailings.waves.planning import Wave

MOST_LOOKS = 5


@dataclass(frozen=True)
class Ready:
    """A mailing at one version as it would be released, or the problem that holds it back."""

    version: int
    problem: str = ""
    audience_digest: str | None = None
    messages: dict[texts.Key, dict[str, Any]] = field(default_factory=dict)
    waves: list[Wave] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    kept: as_sent.Copies = field(default_factory=dict)


@dataclass
class Turn:
    """The turn in which a mailing is frozen (capping.turns), and how many chunks of people were begun in it."""

    number: int
    chunks: int = 0

    def renew(self) -> None:
        turns.renew(self.number)

    def begin_chunk(self) -> None:
        self.renew()
        self.chunks += 1


def release(mailing_id: int) -> bool:
    """Claim a due mailing, write a message for each of its texts, commit; return whether it was ours to release.

    One that cannot go as it is now (nobody left, a segment deleted) is paused with the reason.
    """
    ready = _look(mailing_id)
    # Compiling a message takes its time, so it stands before the first statement that locks.
    messages = {key: outbox.write(kind="bulk", **values).id for key, values in ready.messages.items()}
    claim = update(Mailing).where(
        Mailing.id == mailing_id,
        Mailing.state == "scheduled",
        Mailing.version == ready.version,
        Mailing.scheduled_at <= clock.now(),
    )
    claim = claim.values(
        state="paused" if ready.problem else "sending",
        problem=ready.problem,
        audience_digest=ready.audience_digest,
        released_at=clock.now(),
    )
    if not db.session.execute(claim.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
        db.session.rollback()
        return False
    note(mailing_id, messages, enumerate(ready.links, 1))
    if ready.waves:
        keeping.write(mailing_id, ready.waves)
    if messages:
        archiving.publish(mailing_id)
        as_sent.keep(mailing_id, ready.kept)
    audit.record("hold" if ready.problem else "release", "mailing", mailing_id, reason=ready.problem)
    if ready.problem:
        holding.tell_of_mailing(mailing_id, ready.problem)
    db.session.commit()
    return True


def said(mailing: Mailing, counted: links.Rewriter) -> dict[texts.Key, dict[str, Any]]:
    """Return what outbox.write takes for each text of a mailing, of both versions; its links are counted by that."""
    who = identity.current()
    shared: dict[str, Any] = {"sender": identity.sender(who), "list_id": mailing.topic.slug}
    shared |= {"on_uncertain": mailing.on_uncertain, "headers": addresses.headers(mailing)}
    shared["reply_to"] = reply_addresses.of_mailing(mailing.id, who)
    messages = _texts_of(mailing, A, counted, shared)
    if comparison := pairing.of(mailing):
        shared["sender"] = pairing.sender(comparison.other_id, who)
        messages |= _texts_of(comparison.other, B, counted, shared)
    return messages


def note(mailing_id: int, messages: Mapping[texts.Key, int], urls: Iterable[tuple[int, str]]) -> None:
    """Write down which messages a mailing became, and its links by their numbers."""
    for (language, variant), message_id in messages.items():
        names = {"message_id": message_id, "mailing_id": mailing_id, "language": language, "variant": variant}
        db.session.execute(insert(MailingMessage), names)
    if rows := [{"mailing_id": mailing_id, "number": number, "url": url} for number, url in urls]:
        db.session.execute(insert(MailingLink), rows)


def freeze(mailing_id: int) -> int:
    """Queue a copy for everyone whose turn has come, commit; return the new copies.

    When the last wave is queued, owners of influencers are told; where it was canceled meanwhile, or frozen by another,
    nobody is. While another mailing is being frozen, it waits for the next try (capping.turns).
    """
    turn = turns.take(mailing_id)
    if turn is None:
        return 0
    try:
        outcomes.note(mailing_id, turn)
        return _freeze(mailing_id, Turn(turn))
    except turns.Lost:
        return 0
    finally:
        turns.give_back(turn)


def _freeze(mailing_id: int, turn: Turn) -> int:
    number = 0
    with database.looking():
        mailing = db.session.get_one(Mailing, mailing_id, populate_existing=True)
        due = keeping.due(mailing_id)
    for wave in due:
        number += _freeze_wave(mailing, wave, turn)
    with database.looking():
        whole = not keeping.any_left(mailing_id)
    if whole:
        _end(mailing, turn)
    return number


def _freeze_wave(mailing: Mailing, wave: MailingWave, turn: Turn) -> int:
    """Queue the copies of a wave until a look finds nobody new: meanwhile some are merged, or read another text.

    One that found somebody is followed by another, even where nothing was queued: the last one may have been merged.
    """
    number = 0
    for _ in range(MOST_LOOKS):
        before = turn.chunks
        number += _queue_wave(mailing, wave, turn)
        if turn.chunks == before:
            break
    keeping.settle(wave)
    db.session.commit()
    return number


def _queue_wave(mailing: Mailing, wave: MailingWave, turn: Turn) -> int:
    with database.looking():
        these = [one for one in mailing.messages if one.variant == wave.variant]
        messages = [(db.session.get_one(Message, one.message_id), one) for one in these]
        parts = [(message, *_copies(mailing, one, keeping.among(mailing, wave))) for message, one in messages]
        besides = mailing.message_ids
        gate.require_same(mailing)  # Last, so that no segment is edited between what was read and this.
    number, begin = 0, turn.begin_chunk
    for message, copies, still in parts:
        turn.renew()  # Looking at all of them takes a while, too.
        number += freezing.queue_audience(message, copies, still=still, besides=besides, before_chunk=begin)
    return number


def _end(mailing: Mailing, turn: Turn) -> None:
    with database.looking():
        affected = owners.affected(mailing)
    turn.renew()
    whole = update(Mailing).where(
        Mailing.id == mailing.id, Mailing.frozen_at.is_(None), Mailing.state.in_(["sending", "paused"])
    )
    whole = whole.values(frozen_at=clock.now()).execution_options(synchronize_session=False)
    frozen = db.session.execute(whole)
    if frozen.rowcount:  # type: ignore[attr-defined]
        for address, influencers in affected.items():
            owners.tell(mailing, address, influencers)
    db.session.commit()


def growing() -> set[int]:
    """Return the messages of mailings whose audience is not frozen whole, and may still be."""
    query = select(MailingMessage.message_id).join(Mailing, Mailing.id == MailingMessage.mailing_id)
    query = query.where(Mailing.frozen_at.is_(None), Mailing.state.in_(["sending", "paused"]))
    return set(db.session.scalars(query))


def _texts_of(
    mailing: Mailing, variant: str, counted: links.Rewriter, shared: Mapping[str, Any]
) -> dict[texts.Key, dict[str, Any]]:
    who, messages = identity.current(), {}
    for text in texts.all_of(mailing):
        rewrite = counted.of(text, variant) if mailing.count_clicks else str
        mail = rendering.render(text, who, rewrite=rewrite)
        content = {"subject": mail.subject, "html": mail.html, "text": mail.text}
        messages[text.language, variant] = content | dict(shared)
    return messages


def _copies(mailing: Mailing, one: MailingMessage, turn: ColumnElement[bool]) -> tuple[Select[Any], Select[Any]]:
    """Return the selects of the copies that a message still lacks, and under what they are queued; of one wave."""
    message = db.session.get_one(Message, one.message_id)
    others = [message_id for message_id in mailing.message_ids if message_id != message.id]
    names = merge_fields.names(message.subject + message.html + message.text)
    asked = (mailing, texts.of_message(mailing, one), names)
    to_come = audience.select_copies(*asked, mailing.message_ids).where(turn)
    return to_come, audience.select_copies_still(*asked, others).where(turn)


def _look(mailing_id: int) -> Ready:
    # The checks look at the whole audience, so they run before the transaction that writes.
    with database.looking():
        mailing = db.session.get_one(Mailing, mailing_id, populate_existing=True)
        try:
            checks.require(mailing)
            checks.require_open(mailing, clock.now())
            gate.require_still(mailing)
        except checks.NotReady as not_ready:
            return Ready(mailing.version, problem=" ".join(not_ready.faults))
        return _written(mailing)


def _written(mailing: Mailing) -> Ready:
    counted = links.Rewriter(mailing.id, personal=agreeing.anybody())
    messages = said(mailing, counted)
    waves = keeping.plan(mailing, audience.select_people(mailing), clock.now())
    kept = as_sent.rendered(mailing)
    digest = approving.digest(mailing)
    return Ready(mailing.version, "", digest, messages=messages, waves=waves, links=counted.urls, kept=kept)
