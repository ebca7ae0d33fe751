"""Whom imports bring back no more, because they asked to be forgotten: known by a keyed hash of their import key."""

import hashlib
import hmac
from collections.abc import Collection

from sqlalchemy import select

from crm.base import clock, signing
from crm.base.database import insert_into
from crm.extensions import db
from crm.influencers.models import KeptOut

PURPOSE = "kept_out"


def keep_out(keys: Collection[str]) -> None:
    """Let no import bring back whom a source knows by one of these keys."""
    for key in keys:
        row = insert_into(KeptOut).values(key_hash=_hash(key), since=clock.now())
        db.session.execute(row.on_conflict_do_nothing())


def is_kept_out(key: str) -> bool:
    """Tell whether whom a source knows by this key asked to be forgotten."""
    query = select(KeptOut.key_hash).where(KeptOut.key_hash == _hash(key))
    return db.session.scalar(query) is not None


def _hash(key: str) -> str:
    return hmac.digest(signing.key(PURPOSE), key.encode(), hashlib.sha256).hex()
