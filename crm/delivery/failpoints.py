"""Points between the steps of the delivery path at which a trial lets a worker die.

Armed by the environment variable FAILPOINT, "name" or "name:count": the process kills itself, as SIGKILL would, when it
reaches that point for the count-th time. Where DEVELOPMENT is not set, nothing is armed.
"""

import os
import signal

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


class _Fuse:
    def __init__(self, setting: str) -> None:
        self.name, _, count = setting.partition(":")
        if self.name and self.name not in POINTS:
            raise SystemExit(f"FAILPOINT: there is no point {self.name}. Points: {', '.join(POINTS)}")
        self.left = int(count or 1)


_fuse = _Fuse(os.environ.get("FAILPOINT", "") if os.environ.get("DEVELOPMENT") == "true" else "")


def reach(point: str) -> None:
    """Die here, if that is what the trial asks for."""
    if point == _fuse.name:
        _fuse.left -= 1
        if _fuse.left <= 0:
            os.kill(os.getpid(), signal.SIGKILL)
