"""How fast mail may leave: limits an hour (of all, of a sender, to a domain), and the warm-up of a new sending domain.

It stands in the database, so that all workers share it and a restart forgets nothing. A limit fills as a bucket does:
so many mails an hour, a minute's worth of them at once. Confirmations and receipts count, but never wait.

A limit to one address holds personal letters alone: what many supporters write to one office.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, delete, or_, select, tuple_, update

from crm.base import clock, database
from crm.base.database import insert_into
from crm.delivery import waiting
from crm.delivery.letter import Letter
from crm.delivery.models import Delivery, Message, SendingLimit, WarmUp
from crm.extensions import db

ALL, SENDER, DOMAIN, ADDRESS = SCOPES = "all", "sender", "domain", "address"
PERSONAL = "personal"
PACED = ("bulk", PERSONAL)
HOUR = timedelta(hours=1)
SOON = timedelta(seconds=1)  # Then whoever holds the limit of an address has long let go of it.
AT_ONCE = timedelta(minutes=1)  # So much of what an hour allows may leave at once.
CHUNK = 3000  # rows of one transaction
LIMITS, WARM_UPS = SendingLimit.__table__, WarmUp.__table__
BOOK = (
    update(Delivery.__table__)  # type: ignore[arg-type]
    .where(Delivery.id == bindparam("letter_id"))
    .values(state="queued", owner=None, lease_until=None, next_attempt_at=bindparam("moment"))
)


class Rates:
    """The limits within one transaction; `locked` holds them against other workers until it commits.

    Those of addresses are held as letters to them come up. Whoever takes letters waits for none of them, so no two
    workers wait for each other in a circle: letters to an address whose limit is `elsewhere` are taken a moment later.
    """

    def __init__(self, connection: Connection, moment: datetime, *, locked: bool) -> None:
        self.connection, self.moment, self.locked = connection, moment, locked
        self.limits = self._buckets(LIMITS.c.scope != ADDRESS)
        self.looked_up: set[str] = set()
        self.elsewhere: set[str] = set()
        self.warm_ups = {row.domain: _Day(row, moment.date()) for row in _rows(connection, WARM_UPS, locked)}

    def room(self, kind: str, sender: str, want: int) -> int:
        """Return how many of the wanted mails of that kind and sender may be taken now."""
        if kind not in PACED:
            return want
        known = [
            self.limits.get((ALL, "")),
            self.limits.get((SENDER, sender.lower())),
            self.warm_ups.get(domain_of(sender)),
        ]
        return max(0, min([want, *(limit.left() for limit in known if limit)]))

    def spend(self, kind: str, sender: str, letters: Sequence[Letter]) -> list[Letter]:
        """Count the letters of a message, and return those that may go; the others are booked for later."""
        if not self.limits and not self.warm_ups and kind != PERSONAL:
            return list(letters)
        if kind == PERSONAL:
            self._hold({letter.address for letter in letters}, skip_locked=True)
        go, booked = [], []
        for letter in letters:
            if kind == PERSONAL and letter.address in self.elsewhere:
                booked.append({"letter_id": letter.id, "moment": self.moment + SOON})
                continue
            full = [bucket for bucket in self._of_recipient(kind, letter) if kind in PACED and not bucket.left()]
            if full:
                booked.append({"letter_id": letter.id, "moment": max(bucket.book() for bucket in full)})
                continue
            self._count(kind, sender, letter, +1)
            go.append(letter)
        if booked:
            self.connection.execute(BOOK, booked)
        return go

    def refund(self, letters: Sequence[Letter]) -> None:
        """Give back what was counted for letters that were not sent after all."""
        if not letters:
            return
        query = select(Message.id, Message.kind, Message.sender_address)
        of = {
            row.id: row for row in self.connection.execute(query.where(Message.id.in_({x.message_id for x in letters})))
        }
        self._hold({letter.address for letter in letters if of[letter.message_id].kind == PERSONAL})
        for letter in letters:
            message = of[letter.message_id]
            self._count(message.kind, message.sender_address, letter, -1)

    def save(self) -> None:
        """Write the counts down."""
        for (scope, name), bucket in self.limits.items():
            if not bucket.used:
                continue
            where = (LIMITS.c.scope == scope) & (LIMITS.c.name == name)
            self.connection.execute(update(LIMITS).where(where).values(**bucket.values()))  # type: ignore[arg-type]
        for domain, day in self.warm_ups.items():
            where = WARM_UPS.c.domain == domain
            self.connection.execute(update(WARM_UPS).where(where).values(**day.values()))  # type: ignore[arg-type]

    def _count(self, kind: str, sender: str, letter: Letter, times: int) -> None:
        of_sender = (self.limits.get((ALL, "")), self.limits.get((SENDER, sender.lower())))
        for bucket in (*of_sender, *self._of_recipient(kind, letter)):
            if bucket:
                bucket.count(times)
        if kind in PACED and (day := self.warm_ups.get(domain_of(sender))):
            day.sent += times

    def _of_recipient(self, kind: str, letter: Letter) -> list["_Bucket"]:
        """Return the limits to the letter's domain, and of a personal one to its address."""
        known = [self.limits.get((DOMAIN, domain_of(letter.address)))]
        if kind == PERSONAL:
            known.append(self.limits.get((ADDRESS, letter.address)))
        return [bucket for bucket in known if bucket]

    def _hold(self, addresses: Collection[str], *, skip_locked: bool = False) -> None:
        """Hold the limits of these addresses, in one order; skip_locked: only those that nobody else holds."""
        fresh = set(addresses) - self.looked_up
        self.looked_up |= fresh
        which = (LIMITS.c.scope == ADDRESS) & LIMITS.c.name.in_(fresh) & LIMITS.c.per_hour.is_not(None)
        query = select(LIMITS).where(which).order_by(LIMITS.c.name)
        names = {row.name for row in self.connection.execute(query)} if fresh else set()
        held = self.connection.execute(query.with_for_update(skip_locked=skip_locked)).all() if names else ()
        self.limits |= {(ADDRESS, row.name): _Bucket(row, self.moment) for row in held}
        self.elsewhere |= names - {row.name for row in held}

    def _buckets(self, which: ColumnElement[bool]) -> dict[tuple[str, str], "_Bucket"]:
        rows = [row for row in _rows(self.connection, LIMITS, self.locked, which) if row.per_hour]
        return {(row.scope, row.name): _Bucket(row, self.moment) for row in rows}


class _Bucket:
    """A limit: from when on it is free (GCRA, the leaky bucket of ATM networks), until when letters are booked."""

    def __init__(self, row: Row[Any] | SendingLimit, moment: datetime) -> None:
        self.moment, self.share, self.used = moment, HOUR / (row.per_hour or 1), False
        self.free_from = max(row.free_from, moment - max(self.share, AT_ONCE))
        self.booked_until = max(row.booked_until, moment)

    def left(self) -> int:
        return max(0, (self.moment - self.free_from) // self.share)

    def count(self, mails: int) -> None:
        self.free_from += mails * self.share
        self.used = True

    def book(self) -> datetime:
        self.booked_until += self.share
        self.used = True
        return self.booked_until

    def values(self) -> dict[str, Any]:
        return {"free_from": self.free_from, "booked_until": self.booked_until}


class _Day:
    """What a domain in its warm-up may send today."""

    def __init__(self, row: Row[Any], today: date) -> None:
        self.today = today
        self.sent = row.sent_today if row.today == today else 0
        self.cap = cap(row.first_day, row.started_on, row.enough, today)

    def left(self) -> int:
        return self.cap - self.sent

    def values(self) -> dict[str, Any]:
        return {"today": self.today, "sent_today": max(0, self.sent)}


def left(limit: SendingLimit, moment: datetime) -> int:
    """Return how many mails a limit in force lets go at that moment."""
    return _Bucket(limit, moment).left()


def cap(first_day: int, started_on: date, enough: int, today: date) -> int:
    """Return how much bulk mail a domain may send on that day: double from day to day; no limit once it is enough."""
    day = min(max(0, (today - started_on).days), 40)
    allowed = first_day * 2**day
    return allowed if allowed < enough else 2**31


def domain_of(address: str) -> str:
    """Return the part behind the @, in lower case."""
    return address.rpartition("@")[2].lower()


def limit(scope: str, name: str, per_hour: int | None, *, rested: bool = False) -> None:
    """Set a limit, or lift it (None). What the one before had booked is let go by and by. Raises ValueError.

    rested: nothing went there of late, so the first mail need not wait.
    """
    name = name.strip().lower()
    if scope not in SCOPES or (scope == ALL) != (name == "") or (per_hour is not None and per_hour < 1):
        raise ValueError(f"no such limit: {scope} {name} {per_hour}")
    now = clock.shared(db.session.connection())
    free_from = now - HOUR if rested else now
    fresh = {"per_hour": per_hour, "free_from": free_from, "booked_until": now, "stale": True}
    statement = insert_into(SendingLimit).values(scope=scope, name=name, **fresh)
    db.session.execute(statement.on_conflict_do_update(index_elements=["scope", "name"], set_=fresh))


def pace(addresses: Collection[str], per_hour: int) -> None:
    """Set the limit to each of these addresses. Raises ValueError."""
    _held(SendingLimit.scope == ADDRESS, SendingLimit.name.in_(addresses))
    for address in addresses:
        limit(ADDRESS, address, per_hour)


def forget(addresses: Collection[str]) -> None:
    """Lift the limits to these addresses, and keep none of them; nothing waits to be sent there any more."""
    gone = (SendingLimit.scope == ADDRESS, SendingLimit.name.in_(addresses))
    _held(*gone)
    db.session.execute(delete(SendingLimit).where(*gone).execution_options(synchronize_session=False))


def book_anew(addresses: Collection[str] = ()) -> None:
    """Let go by and by what is booked, because mail that was booked before it (to these addresses) is canceled."""
    now = clock.shared(db.session.connection())
    scope = SendingLimit.scope
    of_recipients = or_(scope == DOMAIN, (scope == ADDRESS) & SendingLimit.name.in_(addresses))
    if held := _held(of_recipients, SendingLimit.booked_until > now):
        these = tuple_(SendingLimit.scope, SendingLimit.name).in_(held)
        db.session.execute(update(SendingLimit).where(these).values(stale=True, booked_until=now))


def let_go() -> None:
    """Let go some of what limits had booked that are changed or lifted; for the ticker. Commits."""
    with database.looking():
        stale = list(db.session.scalars(select(SendingLimit).where(SendingLimit.stale)))
        found = {each: _booked(each) if each.scope in (DOMAIN, ADDRESS) else [] for each in stale}
    for each, ids in found.items():
        if ids:
            waiting_still = (Delivery.id.in_(ids), Delivery.state == "queued")
            now = clock.shared(db.session.connection())
            db.session.execute(update(Delivery).where(*waiting_still).values(next_attempt_at=now))
        elif each.per_hour is None:
            db.session.execute(delete(SendingLimit).where(_is(each), SendingLimit.per_hour.is_(None)))
        else:
            db.session.execute(update(SendingLimit).where(_is(each)).values(stale=False))
        db.session.commit()


def warm_up(domain: str, first_day: int, enough: int, today: date) -> None:
    """Begin a warm-up: so many bulk mails on the first day, double each day, until a day allows enough."""
    fresh = {"started_on": today, "first_day": first_day, "enough": enough, "today": today, "sent_today": 0}
    statement = insert_into(WarmUp).values(domain=domain.lower(), **fresh)
    db.session.execute(statement.on_conflict_do_update(index_elements=["domain"], set_=fresh))


def end_warm_up(domain: str) -> None:
    """Let a domain send without a cap."""
    db.session.execute(delete(WarmUp).where(WarmUp.domain == domain.lower()))


def _held(*conditions: ColumnElement[bool]) -> list[tuple[str, str]]:
    """Hold these limits until the transaction ends; return their scopes and names.

    In the order in which whoever takes letters holds them, so that no two wait for each other in a circle: those of
    addresses last, because they come up one by one.
    """
    query = select(SendingLimit.scope, SendingLimit.name).where(*conditions)
    in_order = query.order_by(SendingLimit.scope == ADDRESS, SendingLimit.scope, SendingLimit.name)
    return [(scope, name) for scope, name in db.session.execute(in_order.with_for_update())]


def _booked(limit: SendingLimit) -> Sequence[int]:
    connection = db.session.connection()
    address = Delivery.address
    of_limit = address.endswith(f"@{limit.name}", autoescape=True) if limit.scope == DOMAIN else address == limit.name
    query = select(Delivery.id).where(
        Delivery.message_id.in_(waiting.message_ids(connection)),
        Delivery.state == "queued",
        Delivery.next_attempt_at > clock.shared(connection),
        of_limit,
    )
    return db.session.scalars(query.limit(CHUNK)).all()


def _is(each: SendingLimit) -> ColumnElement[bool]:
    return (SendingLimit.scope == each.scope) & (SendingLimit.name == each.name)


def _rows(
    connection: Connection, table: Any, locked: bool, which: ColumnElement[bool] | None = None
) -> Sequence[Row[Any]]:
    query = select(table).order_by(*table.primary_key.columns)
    query = query if which is None else query.where(which)
    found = connection.execute(query).all()
    # Where there are no limits, nothing is locked and workers do not wait for each other.
    return connection.execute(query.with_for_update()).all() if found and locked else found
