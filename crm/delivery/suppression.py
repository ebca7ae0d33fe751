"""Who gets no mail: the one truth about addresses that unsubscribed, bounced or complained.

An address is stored as a keyed hash, so that it stays blocked after the person has been erased.
"""

import hashlib
import hmac
from collections.abc import Collection, Mapping
from contextlib import suppress as suppress_error

from sqlalchemy import ColumnElement, Connection, bindparam, delete, literal, select, text, update

from crm.base import audit, clock, signing
from crm.base.columns import UtcDateTime
from crm.delivery import waiting
from crm.delivery.addresses import BadAddress, normalize, wire_form
from crm.delivery.models import WAITING, Delivery, Message, Suppression
from crm.extensions import db

EVERY_LIST = "*"
# These reasons pass nothing, not even a receipt.
HARD = frozenset({"hard_bounce", "complaint", "erased", "abuse"})
OF_ADDRESS = select(Suppression.list_id, Suppression.reason).where(Suppression.address_hash == bindparam("hash"))
# Whether mail of no kind goes to the address of this hash.
BLOCKED_FOR_ALL = (
    select(Suppression.address_hash)
    .where(
        Suppression.address_hash == bindparam("address_hash"),
        Suppression.list_id == EVERY_LIST,
        Suppression.reason.in_([literal(reason) for reason in sorted(HARD)]),
    )
    .exists()
)
_HARD = ", ".join(f"'{reason}'" for reason in sorted(HARD))
_FINAL = ", ".join(f"'{reason}'" for reason in sorted(HARD - {"hard_bounce"}))
BLOCK = text(
    f"""
    INSERT INTO suppression (address_hash, list_id, reason, since) VALUES (:address_hash, :list_id, :reason, :since)
    ON CONFLICT (address_hash, list_id) DO UPDATE SET reason = excluded.reason, since = excluded.since
    WHERE excluded.reason IN ({_HARD}) AND suppression.reason NOT IN (excluded.reason, {_FINAL})
    """
).bindparams(bindparam("since", type_=UtcDateTime()))
LOCK = 0x6772_6F75  # One key for the advisory locks of claims (shared) and suppressions (exclusive).


def address_hash(address: str) -> str:
    """Return the keyed hash under which an address is suppressed; equal for all spellings of one address."""
    return hashed(address, signing.key("suppression"))


def hashed(address: str, key: bytes) -> str:
    address = normalize(address)
    if not address.isascii():
        with suppress_error(BadAddress):  # What cannot be sent to can still be blocked, letter by letter.
            address = wire_form(address)[0]
    return hmac.digest(key, address.encode("utf-8", "replace"), hashlib.sha256).hex()


def suppress(address: str, reason: str, list_id: str = EVERY_LIST) -> None:
    """Block an address, and stop the copies that wait for it, in the caller's transaction.

    A hard reason replaces a mild one, and a complaint a bounce (which staff may lift), never the other way round.
    """
    suppress_all({address: reason}, list_id)


def suppress_all(reasons: Mapping[str, str], list_id: str = EVERY_LIST) -> None:
    """Do what `suppress` does for many addresses, each with its reason, with few statements."""
    if not reasons:
        return
    _hold_claims_back()
    same = {"list_id": list_id, "since": clock.now()}
    rows = [{"address_hash": address_hash(address), "reason": reason, **same} for address, reason in reasons.items()]
    db.session.execute(BLOCK, rows)
    hard = {
        normalize(address) for address, reason in reasons.items() if stops(list_id, reason, list_id, "transactional")
    }
    _stop_waiting_copies(hard)
    of_list = [] if list_id == EVERY_LIST else [Message.list_id == list_id]
    _stop_waiting_copies({normalize(address) for address in reasons} - hard, Message.kind == "bulk", *of_list)


def lift(address: str, list_id: str = EVERY_LIST, *, by: str, reason: str = "") -> bool:
    """Let an address get mail again, and return whether it was blocked.

    Callers: a new double opt-in lifts an unsubscribe; only staff with a reason lift a hard one.
    """
    key = (Suppression.address_hash == address_hash(address)) & (Suppression.list_id == list_id)
    lifted = db.session.execute(delete(Suppression).where(key)).rowcount > 0  # type: ignore[attr-defined]
    if lifted:
        audit.record("lift", "suppression", reason=reason, by=by, list_id=list_id)
    return lifted


def blocks(address: str, list_id: str = EVERY_LIST, kind: str = "bulk") -> bool:
    """Return whether mail of that kind and list to that address is blocked."""
    return any(stops(blocked, reason, list_id, kind) for blocked, reason in reasons(address).items())


def stops(blocked_list: str, reason: str, list_id: str, kind: str) -> bool:
    """The rule itself: transactional mail passes an unsubscribe, never a bounce or a complaint."""
    if reason in HARD and blocked_list == EVERY_LIST:
        return True
    return kind == "bulk" and blocked_list in (EVERY_LIST, list_id)


def reasons(address: str) -> dict[str, str]:
    """Return what is blocked for an address: list id -> reason."""
    rows = db.session.execute(OF_ADDRESS, {"hash": address_hash(address)})
    return {row.list_id: row.reason for row in rows}


def lock_for_claim(connection: Connection) -> None:
    """Let no suppression commit between a claim's look at the suppressions and the claim's own commit."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock_shared(:key)"), {"key": LOCK})


def _hold_claims_back() -> None:
    # Waits for claims under way and holds new ones back until this transaction ends, so that no claim
    # which has not seen this suppression can commit after it. SQLite has one writer at a time anyway.
    if db.engine.dialect.name == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def _stop_waiting_copies(addresses: Collection[str], *of_messages: ColumnElement[bool]) -> None:
    if not addresses or not (message_ids := waiting.message_ids(db.session.connection())):
        return
    messages = select(Message.id).where(Message.id.in_(message_ids), *of_messages)
    db.session.execute(
        update(Delivery)
        .where(Delivery.message_id.in_(messages), Delivery.address.in_(addresses), Delivery.state.in_(WAITING))
        .values(state="suppressed")
        .execution_options(synchronize_session=False)
    )
