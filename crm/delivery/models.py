"""Messages, their deliveries, and the addresses that get none."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Float, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import (
    Address,
    CreatedAt,
    Id,
    Json,
    JsonObject,
    Long,
    LongId,
    Moment,
    Name,
    Prose,
    UtcDateTime,
    Word,
)
from crm.extensions import Model

STATES = ("queued", "in_flight", "sent", "deferred", "failed", "suppressed", "canceled", "uncertain")
WAITING = ("queued", "deferred")
FINAL = ("sent", "failed", "suppressed", "canceled")

# Partial indexes answer only queries that repeat their condition word for word.
IS_WAITING = "state IN ('queued', 'deferred')"
IS_IN_FLIGHT = "state = 'in_flight'"
IS_UNCERTAIN = "state = 'uncertain'"
IS_FAILED = "state = 'failed'"
IS_DEFERRED = "state = 'deferred'"
IS_STOPPED = "state IN ('suppressed', 'canceled')"
HAS_OCCASION = "occasion <> ''"


def _partial(name: str, *columns: str, where: str) -> Index:
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


class Message(Model):
    """One text, stored once; its merge fields are filled in for each delivery.

    pause_reason: why it paused itself; blocks_seen: the last bounce that such a pause has counted. calendar: what each
    copy's calendar file, which is its merge value `calendar`, asks of the reader's calendar (METHOD: REQUEST, CANCEL).
    """

    __tablename__ = "message"

    id: Mapped[Id]
    created_at: Mapped[CreatedAt]
    kind: Mapped[Word]
    state: Mapped[Word] = mapped_column(default="open")
    pause_reason: Mapped[Prose] = mapped_column(default="", server_default="")
    blocks_seen: Mapped[int] = mapped_column(default=0, server_default="0")
    on_uncertain: Mapped[Word]
    subject: Mapped[Prose]
    html: Mapped[Prose]
    text: Mapped[Prose]
    headers: Mapped[JsonObject]
    sender: Mapped[Prose]
    sender_address: Mapped[Address]
    reply_to: Mapped[Prose] = mapped_column(default="")
    list_id: Mapped[str] = mapped_column(String(64), default="")
    calendar: Mapped[Word] = mapped_column(default="", server_default="")
    digest: Mapped[str | None] = mapped_column(String(64), unique=True)


class Delivery(Model):
    """One recipient's copy of a message. Its state is the queue.

    first_tried_at: when its tries began, or began anew because staff said so; of a copy that has failed, when it did.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("message_id", "address", "occasion", name="uq_delivery_message_id"),
        _partial("ix_delivery_waiting", "message_id", "next_attempt_at", "id", where=IS_WAITING),
        _partial("ix_delivery_in_flight", "owner", where=IS_IN_FLIGHT),
        _partial("ix_delivery_uncertain", "message_id", where=IS_UNCERTAIN),
        _partial("ix_delivery_failed", "first_tried_at", where=IS_FAILED),
        _partial("ix_delivery_deferred", "next_attempt_at", where=IS_DEFERRED),
        _partial("ix_delivery_stopped", "state", "id", where=IS_STOPPED),
        _partial("ix_delivery_about", "about", where="about <> ''"),
        _partial("ix_delivery_sent_on_occasion", "message_id", "sent_at", where=HAS_OCCASION),
        _partial("ix_delivery_contact_id", "contact_id", where="contact_id IS NOT NULL"),
    )

    id: Mapped[LongId]
    message_id: Mapped[int] = mapped_column(ForeignKey("message.id"))
    address: Mapped[Address]
    occasion: Mapped[Name] = mapped_column(default="")
    uuid: Mapped[str] = mapped_column(String(32))
    contact_id: Mapped[int | None]
    about: Mapped[Name] = mapped_column(default="")
    merge: Mapped[dict[str, Any] | None] = mapped_column(Json)
    state: Mapped[Word] = mapped_column(default="queued")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    resends: Mapped[int] = mapped_column(SmallInteger, default=0)
    next_attempt_at: Mapped[Moment]
    first_tried_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    owner: Mapped[str | None] = mapped_column(String(64))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    epoch: Mapped[int] = mapped_column(default=0)
    smtp_code: Mapped[int | None] = mapped_column(SmallInteger)
    smtp_reply: Mapped[str | None] = mapped_column(String(500))
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Suppression(Model):
    """An address, as a keyed hash, and what it blocks: one list, or '*' for all of them."""

    __tablename__ = "suppression"

    address_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    list_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    reason: Mapped[Word]
    since: Mapped[CreatedAt]


class Rest(Model):
    """A pause of the mail server (name '') or a sender address, after trouble that no recipient is to blame for.

    since: when the last of its failures in a row was counted.
    """

    __tablename__ = "delivery_rest"

    name: Mapped[Address] = mapped_column(primary_key=True)
    failures: Mapped[int]
    until: Mapped[Moment]
    reason: Mapped[Prose]
    since: Mapped[CreatedAt]


class SendingLimit(Model):
    """So many mails an hour: of all (scope all), of a sender's address (sender), to a recipient's domain (domain).

    Each mail moves `free_from` on by its share of the hour; while it lies ahead, mail is booked for later.
    A limit that was lifted (per_hour is null) or changed stays `stale` until what it had booked is let go.
    """

    __tablename__ = "sending_limit"

    scope: Mapped[Word] = mapped_column(primary_key=True)
    name: Mapped[Address] = mapped_column(primary_key=True, default="")
    per_hour: Mapped[int | None]
    free_from: Mapped[CreatedAt]
    booked_until: Mapped[CreatedAt]
    stale: Mapped[bool] = mapped_column(default=False)


class WarmUp(Model):
    """A domain that is new as a sender: a cap of bulk mails a day, which doubles until it is no longer needed."""

    __tablename__ = "warm_up"

    domain: Mapped[Address] = mapped_column(primary_key=True)
    started_on: Mapped[date]
    first_day: Mapped[int]
    enough: Mapped[int]
    today: Mapped[date]
    sent_today: Mapped[int] = mapped_column(default=0)


class ReplyTally(Model):
    """How many deliveries came to that outcome by that answer of a mail server, by minute and worker.

    Written once a batch, in its transaction, so that nothing counts the ledger for it. What is older is rolled up:
    first by hour, then all of it under the first moment of time. code: 0 where the server said nothing.
    """

    __tablename__ = "reply_tally"

    moment: Mapped[datetime] = mapped_column(UtcDateTime, primary_key=True)
    owner: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(32), primary_key=True)
    code: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    status: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class StateCount(Model):
    """How many deliveries were in a state at a moment; the timetable counts, because it takes too long for a page."""

    __tablename__ = "state_count"

    state: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    counted_at: Mapped[Moment]
    seconds: Mapped[float] = mapped_column(Float)


class PrunedCount(Model):
    """How many deliveries of a message were in a state when they were deleted because of their age.

    state: one of a delivery's, or what else was counted of them (registries.counted_people).
    """

    __tablename__ = "pruned_count"

    message_id: Mapped[int] = mapped_column(ForeignKey("message.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[str] = mapped_column(String(32), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)


class PruningWalk(Model):
    """How far the walk through the ledger has come that looks for old deliveries (one row); ended_at: when it ended."""

    __tablename__ = "pruning_walk"

    id: Mapped[Id]
    position: Mapped[int] = mapped_column(Long)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
