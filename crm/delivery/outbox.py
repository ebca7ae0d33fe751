"""The door to mail: write a message, queue its deliveries, watch them, hold them back."""

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Executable, bindparam, func, select, text, update

from crm.base import clock
from crm.base.database import insert_into
from crm.base.prepared import Prepared
from crm.delivery import backoff, mime, pruned, rates, waiting
from crm.delivery.addresses import normalize
from crm.delivery.compiled import Content, compile_content
from crm.delivery.models import IS_IN_FLIGHT, IS_UNCERTAIN, IS_WAITING, STATES, WAITING, Delivery, Message
from crm.extensions import db

HAS_ABOUT = text("about <> ''")  # The condition of a partial index, which is used where it stands word for word.
CHUNK = 3000  # Rows a transaction: well under 100 ms on SQLite.
KINDS = ("transactional", *rates.PACED)  # Personal is what people write to an office through us.
# The letters of sign-ups come in a rush.
QUEUEING = Prepared(lambda: _queueing())
QUEUEING_WRITTEN = Prepared(lambda: _queueing_written())
FRESH = {"state": "queued", "attempts": 0, "resends": 0, "epoch": 0}
# Each part reads one partial index, however many copies there are. "+ 0" keeps the planners from looking for
# what is in flight, of which there is little, among all copies of the message.
FINISHED = text(f"""
    SELECT NOT EXISTS (SELECT 1 FROM delivery WHERE {IS_IN_FLIGHT} AND message_id + 0 = m.id)
    AND (m.state = 'canceled' OR (
        NOT EXISTS (SELECT 1 FROM delivery WHERE {IS_WAITING} AND message_id = m.id)
        AND (m.on_uncertain = 'hold' OR NOT EXISTS (
            SELECT 1 FROM delivery WHERE {IS_UNCERTAIN} AND message_id = m.id AND resends < {backoff.MOST_RESENDS}))))
    FROM message m WHERE m.id = :id
""")
UNTRIED = text(f"""
    SELECT (SELECT count(*) FROM delivery WHERE {IS_WAITING} AND message_id = :id
            AND state = 'queued' AND first_tried_at IS NULL)
        + (SELECT count(*) FROM delivery WHERE {IS_IN_FLIGHT} AND message_id + 0 = :id)
""")


def write(
    subject: str,
    html: str,
    text: str,
    *,
    sender: str,
    kind: str = "transactional",
    list_id: str | None = None,
    headers: Mapping[str, str] | None = None,
    on_uncertain: str = "resend",
    reply_to: str | None = None,
    calendar: str = "",
    digest: str | None = None,
) -> Message:
    """Store a message once for all its recipients, flush, and return it.

    kind: one of KINDS; sender's name and reply_to may be merge fields. on_uncertain: what happens to a copy that may or
    may not have arrived: resend or hold. calendar: the METHOD of the calendar file that each copy brings. NULs of a
    body are left out, for PostgreSQL stores none. Raises BadHeader, BadAddress or BadField for what cannot be sent.
    """
    if kind not in KINDS or on_uncertain not in ("resend", "hold"):
        raise ValueError(f"unknown kind {kind!r} or on_uncertain {on_uncertain!r}")
    html, text = html.replace("\0", ""), text.replace("\0", "")
    content = Content(subject, html, text, sender, kind, list_id or "", dict(headers or {}), reply_to or "", calendar)
    compile_content(content)
    said = {"subject": subject, "html": html, "text": text, "calendar": calendar}
    message = Message(
        **said,
        kind=kind,
        list_id=content.list_id,
        headers=content.headers,
        sender=sender,
        sender_address=mime.mailbox(sender)[1],
        reply_to=content.reply_to,
        on_uncertain=on_uncertain,
        digest=digest,
    )
    db.session.add(message)
    db.session.flush()
    return message


def queue(
    message: Message | int | str,
    address: str,
    *,
    contact_id: int | None = None,
    about: str = "",
    merge: Mapping[str, str] | None = None,
    occasion: str = "",
) -> int | None:
    """Queue one recipient's copy of a message (or of its id or digest), and return the copy's id.

    None where it stood there already: same message, address and occasion; and where there is no message of that digest,
    which is sought in the same statement. What stood there is remembered for as long as deliveries are kept
    (KEEP_DELIVERIES_DAYS), so whoever may ask again later than that needs a claim of its own.
    """
    row: dict[str, Any] = {
        "address": normalize(address),
        "contact_id": contact_id,
        "about": about,
        "merge": {name: value.replace("\0", "") for name, value in merge.items()} if merge else None,
        "occasion": occasion,
        "uuid": uuid.uuid4().hex,
        **FRESH,
        "next_attempt_at": clock.now(),
    }
    if isinstance(message, str):
        queued: int | None = QUEUEING_WRITTEN.scalar({**row, "digest": message})
    else:
        queued = QUEUEING.scalar({**row, "message_id": message if isinstance(message, int) else message.id})
    return queued


def fresh() -> dict[str, Any]:
    """Return what every new copy begins with."""
    return {**FRESH, "next_attempt_at": clock.shared(db.session.connection())}


def counts(message_id: int) -> dict[str, int]:
    """Return the number of deliveries in each of the eight states, with those that were deleted because of their age.

    What waits for a canceled message is canceled.
    """
    found = dict.fromkeys(STATES, 0)
    for _, state, number in db.session.execute(pruned.counts([message_id])):
        found[state] = int(number)
    if db.session.scalar(select(Message.state).where(Message.id == message_id)) == "canceled":
        found["canceled"] += found["queued"] + found["deferred"]
        found["queued"] = found["deferred"] = 0
    return found


def finished(message_id: int) -> bool:
    """Return whether no delivery of the message is queued, in flight, deferred, or uncertain and to be sent again."""
    return bool(db.session.scalar(FINISHED, {"id": message_id}))


def untried(message_id: int) -> int:
    """Return how many copies of the message nobody tried to send yet, or are on their way; not what was put off."""
    return int(db.session.scalar(UNTRIED, {"id": message_id}) or 0)


def pause(message_id: int) -> bool:
    """Hold the message back within a second; return whether it was open."""
    return _change(message_id, "paused", Message.state == "open")


def resume(message_id: int) -> bool:
    """Let a paused message go on; return whether it was paused."""
    return _change(message_id, "open", Message.state == "paused", pause_reason="")


def cancel(message_id: int) -> bool:
    """Stop the message for good within a second; return whether that was news. Its waiting rows follow by and by."""
    return _change(message_id, "canceled", Message.state != "canceled")


def cancel_about(about: str) -> int:
    """Cancel what waits to be sent about that, whatever the message; return how many. What is on its way goes on."""
    waits = (Delivery.about == about, HAS_ABOUT, Delivery.state.in_(WAITING))
    addresses = db.session.scalars(select(Delivery.address).where(*waits).distinct().limit(CHUNK)).all()
    ours = select(Delivery.id).where(*waits)
    if db.engine.dialect.name == "postgresql":  # In one order, so that two that cancel do not wait for each other.
        ours = ours.order_by(Delivery.id).with_for_update()
    canceled = _update(Delivery.id.in_(ours), Delivery.state.in_(WAITING), state="canceled")
    if canceled:
        rates.book_anew(addresses)
    return canceled


def waits_about(prefix: str) -> Sequence[str]:
    """Return about what there is personal mail that waits, of what begins so; its cost follows what waits."""
    ids = waiting.message_ids(db.session.connection())
    personal = select(Message.id).where(Message.id.in_(ids), Message.kind == "personal")
    waits = (Delivery.message_id.in_(personal), text(IS_WAITING), Delivery.about.startswith(prefix))
    return db.session.scalars(select(Delivery.about).where(*waits).distinct()).all() if ids else []


def note_about(message_id: int, about: str) -> int:
    """Let what waits of a message be about that from now on; return how many."""
    return _update(Delivery.message_id == message_id, Delivery.state.in_(WAITING), about=about)


def readdress(message_id: int, address: str) -> int:
    """Send what waits of a message, each copy with an occasion of its own, to that address; return how many."""
    return _update(Delivery.message_id == message_id, Delivery.state.in_(WAITING), address=normalize(address))


def resend_uncertain(message_id: int, delivery_id: int | None = None) -> int:
    """Send again what may or may not have arrived, because staff said so: one copy or all; return the number."""
    anew = {"state": "queued", "next_attempt_at": clock.shared(db.session.connection()), "first_tried_at": None}
    return _update(*_uncertain(message_id, delivery_id), **anew)


def accept_uncertain(message_id: int, delivery_id: int | None = None) -> int:
    """Take what may or may not have arrived as sent, because staff said so: one copy or all; return the number."""
    return _update(*_uncertain(message_id, delivery_id), state="sent", sent_at=clock.now())


def sweep_canceled() -> int:
    """Mark some of what waits for canceled messages as canceled; return how many. The ticker calls it again."""
    ids = waiting.message_ids(db.session.connection())
    canceled = select(Message.id).where(Message.id.in_(ids), Message.state == "canceled")
    rows = select(Delivery.id).where(Delivery.message_id.in_(canceled), Delivery.state.in_(WAITING)).limit(CHUNK)
    swept = _update(Delivery.id.in_(rows), Delivery.state.in_(WAITING), state="canceled")
    if 0 < swept < CHUNK:  # The last of them.
        rates.book_anew()
    return swept


def _uncertain(message_id: int, delivery_id: int | None) -> list[ColumnElement[bool]]:
    one = [] if delivery_id is None else [Delivery.id == delivery_id]
    return [Delivery.message_id == message_id, Delivery.state == "uncertain", *one]


def _queueing_written() -> Executable:
    """Return what looks for the message by its digest and queues a copy of it."""
    columns = Delivery.__table__.c
    names = ["address", "contact_id", "about", "merge", "occasion", "uuid", *FRESH, "next_attempt_at"]
    values: dict[str, ColumnElement[Any]] = {name: bindparam(name, type_=columns[name].type) for name in names}
    if db.engine.dialect.name == "postgresql":
        values["next_attempt_at"] = func.now()
    written = select(Message.id, *values.values()).where(Message.digest == bindparam("digest"))
    statement = insert_into(Delivery.__table__).from_select(["message_id", *names], written)
    return statement.on_conflict_do_nothing().returning(Delivery.id)


def _queueing() -> Executable:
    statement = insert_into(Delivery.__table__)
    if db.engine.dialect.name == "postgresql":  # Claims go by the database's clock, and this host's may be ahead of it.
        statement = statement.values(next_attempt_at=func.now())
    return statement.on_conflict_do_nothing().returning(Delivery.id)


def _change(message_id: int, state: str, condition: ColumnElement[bool], **values: str) -> bool:
    statement = update(Message).where(Message.id == message_id, condition).values(state=state, **values)
    return bool(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _update(*conditions: ColumnElement[bool], **values: Any) -> int:
    statement = update(Delivery).where(*conditions).values(**values).execution_options(synchronize_session=False)
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]
