"""A delivery in the hands of a worker, and what became of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(slots=True)
class Letter:
    """A delivery that a worker has claimed. deadline: boot seconds after which it must not be sent any more."""

    id: int
    epoch: int
    uuid: str
    address: str
    contact_id: int | None
    merge: dict[str, Any] | None
    attempts: int
    first_tried_at: datetime | None
    message_id: int
    deadline: float = 0.0


@dataclass(slots=True)
class Result:
    """What became of a letter: sent, deferred, failed, uncertain, or unsent (given back, nobody is to blame)."""

    letter: Letter
    outcome: str
    code: int | None = None
    reply: str = ""
