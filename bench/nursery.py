"""A parent that has the program in memory already, so that a killed sender is replaced in a moment.

    with Nursery(environment) as nursery:
        pid = nursery.start(FAILPOINT="dot:7")

Only for trials: the program itself spawns its workers, and forks nothing. The parent opens no database and no socket.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from crm import create_app
from crm.config import ROOT
from crm.delivery import failpoints, worker


class Nursery:
    """Starts sender processes of one installation."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = dict(environment)

    def __enter__(self) -> "Nursery":
        command = [sys.executable, "-m", "bench.nursery"]
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        self._parent = subprocess.Popen(command, env=self.environment, cwd=ROOT, text=True, **pipes)
        self.alive: set[int] = set()
        return self

    def __exit__(self, *_: object) -> None:
        for pid in list(self.alive):
            self.kill(pid)
        assert self._parent.stdin
        self._parent.stdin.close()
        self._parent.wait(10)

    def start(self, **settings: str | int) -> int:
        """Start a sender, with FAILPOINT where it is to die; return its process id."""
        assert self._parent.stdin and self._parent.stdout
        self._parent.stdin.write(json.dumps(settings) + "\n")
        self._parent.stdin.flush()
        pid = int(self._parent.stdout.readline())
        self.alive.add(pid)
        return pid

    def lost_one(self) -> bool:
        """Return whether one has died."""
        return not all(Path(f"/proc/{pid}").exists() for pid in self.alive)

    def gone(self) -> list[int]:
        """Return those that have died since, and forget them."""
        dead = [pid for pid in self.alive if not Path(f"/proc/{pid}").exists()]
        self.alive.difference_update(dead)
        return dead

    def kill(self, pid: int) -> None:
        """Kill one at once, as a power switch would."""
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        self.alive.discard(pid)


def main() -> None:
    """Fork a sender for each line of settings, and print its process id."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for the children: they leave no zombies.
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            _become_sender(json.loads(line))
            os._exit(0)
        print(pid, flush=True)


def _become_sender(settings: Mapping[str, str | int]) -> None:
    failpoints.arm(str(settings.get("FAILPOINT", "")))
    app = create_app(settings)
    with app.app_context():
        worker.run_sender(app, until_idle=False, parent=None)


if __name__ == "__main__":
    main()
