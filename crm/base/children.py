"""Child processes: started again when they end, and ended together."""

import logging
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

log = logging.getLogger(__name__)

SHORTEST_REST, LONGEST_REST = 0.1, 10.0  # seconds
STEADY_SECONDS = 60.0


@dataclass
class Child:
    """A new program, not a fork: nothing of a connection or a lock is shared.

    It is started again whenever it ends, with whatever code, after a rest that doubles while it ends soon. may_end: it
    is right to end with code 0, and is left at that.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] | None = None
    may_end: bool = False
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    rest: float = 0.0
    due: float = field(default_factory=time.monotonic)

    def look_after(self) -> bool:
        """Start it where it is due, plan its next start where it has ended; return whether it has ended for good."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.process = subprocess.Popen(  # noqa: S603  Our own commands.
                    self.command, env=self.environment, stdin=subprocess.DEVNULL
                )
                self.started = now
            return False
        code = self.process.poll()
        if code is None or (code == 0 and self.may_end):
            return code == 0
        steady = now - self.started > STEADY_SECONDS
        self.rest = SHORTEST_REST if steady else min(max(SHORTEST_REST, self.rest * 2), LONGEST_REST)
        log.warning("%s ended with code %d; it starts again in %.1f s", self.name, code, self.rest)
        self.process, self.due = None, now + self.rest
        return False


def end(children: Sequence[Child], seconds: float) -> None:
    """Ask all of them to end, and kill who has not after so many seconds."""
    running = [(child.name, child.process) for child in children if child.process and child.process.poll() is None]
    for _, process in running:
        process.terminate()
    deadline = time.monotonic() + seconds
    for name, process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            log.warning("%s did not end in time and is killed", name)
            process.kill()
            process.wait()
