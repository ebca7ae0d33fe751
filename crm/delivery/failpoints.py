"""Points between the steps of the delivery path at which a trial lets a worker die.

Armed by the environment variable FAILPOINT, "name" or "name:count": the process kills itself, as SIGKILL would, when it
reaches that point for the count-th time. Where DEVELOPMENT is not set, nothing is armed.
"""

import os
import signal
from typing import Any

POINTS = (
    "taken",  # a batch is claimed, nothing of it has left
    "envelope",  # MAIL, RCPT and DATA of a mail have left
    "noted",  # the journal knows of the mail, its text has not left
    "dot",  # all of the text has left, with the final dot
    "answered",  # the server's answer is here, the journal does not know it
    "journaled",  # the journal knows the outcome, the ledger does not
    "recorded",  # the ledger knows it too, the journal still holds it
    "settled",  # what a dead worker left is settled, its journal still stands
)


_armed: dict[str, Any] = {"point": "", "left": 0}


def arm(setting: str) -> None:
    """Arm a point, "name" or "name:count"; the empty setting disarms. Raises ValueError for a point that is none."""
    point, _, count = setting.partition(":")
    if point and point not in POINTS:
        raise ValueError(f"there is no point {point}; points: {', '.join(POINTS)}")
    _armed.update(point=point, left=int(count or 1))


def reach(point: str) -> None:
    """Die here, if that is what the trial asks for."""
    if point == _armed["point"]:
        _armed["left"] -= 1
        if not _armed["left"]:
            os.kill(os.getpid(), signal.SIGKILL)


if os.environ.get("DEVELOPMENT") == "true":
    arm(os.environ.get("FAILPOINT", ""))
