"""Commands of `crm` as processes of their own, forked in a moment from a parent that has the program in memory.

Only for tests, which start hundreds: loading the program anew takes two seconds of processor time. That the program
starts from nothing is tested where it starts itself: `crm up`, the senders of `crm worker`, the journeys. The parent
opens no database and no socket.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

from bench.stage import Installation, end
from crm import cli
from crm.config import ROOT
from crm.delivery import failpoints

LOOK_EVERY_SECONDS = 0.01
_numbers = count()


@dataclass
class Process:
    """A process that was started, as far as it is like a Popen."""

    words: Sequence[str]
    pid: int
    note: Path  # Where its code is written when it has ended.

    def poll(self) -> int | None:
        return int(self.note.read_text()) if self.note.exists() else None

    def wait(self, timeout: float = 60) -> int:
        """Return its code when it has ended, the negative signal where one ended it; raises TimeoutExpired."""
        until = time.monotonic() + timeout
        while (code := self.poll()) is None:
            if time.monotonic() > until:
                raise subprocess.TimeoutExpired(list(self.words), timeout)
            time.sleep(LOOK_EVERY_SECONDS)
        return code

    def send_signal(self, sign: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, sign)


class Forking(Installation):
    """An installation whose commands are forked."""

    def start(self, *arguments: str) -> Process:
        process = start(arguments, self.environment)
        self.started.append(process)
        return process


def start(words: Sequence[str], environment: Mapping[str, str], *, folder: Path = ROOT, **streams: Path) -> Process:
    """Start a command in that environment and folder; streams: files for its `stdout` and `stderr`."""
    note = Path(_notes().name) / str(next(_numbers))
    asked = {
        "words": list(words),
        "environment": dict(environment),
        "folder": str(folder),
        "streams": {name: str(path) for name, path in streams.items()},
        "note": str(note),
    }
    parent = _parent()
    parent.stdin.write(json.dumps(asked) + "\n")
    parent.stdin.flush()
    return Process(words, int(parent.stdout.readline()), note)


def run(words: Sequence[str], environment: Mapping[str, str], folder: Path = ROOT) -> subprocess.CompletedProcess:
    """Run a command to its end, and return its code and what it wrote."""
    with tempfile.TemporaryDirectory(prefix="groundswell-") as place:
        written = {name: Path(place) / name for name in ("stdout", "stderr")}
        process = start(words, environment, folder=folder, **written)
        try:
            code = process.wait()
        except subprocess.TimeoutExpired:
            end(process)
            raise
        return subprocess.CompletedProcess(words, code, *(path.read_text() for path in written.values()))


@cache
def _notes() -> tempfile.TemporaryDirectory:
    """Return the folder of the codes; it goes when this test process ends."""
    return tempfile.TemporaryDirectory(prefix="groundswell-")


@cache
def _parent() -> subprocess.Popen:
    """Return the parent of this test process; it ends with it, when its input does."""
    command = [sys.executable, "-m", "tests.processes"]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def main() -> None:
    """Fork what each line of the input asks for, and print its process id."""
    configure_mappers()  # Once for all of them.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for those who wait: they leave no zombies.
    for line in sys.stdin:
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _wait_for_another(json.loads(line))


def _wait_for_another(asked: Mapping[str, Any]) -> None:
    """Fork once more: this process waits for that one, and writes its code down."""
    pid = os.fork()
    if pid == 0:
        _become(asked)
    print(pid, flush=True)
    _, status = os.waitpid(pid, 0)
    note = Path(asked["note"])
    draft = note.with_suffix(".draft")
    draft.write_text(str(os.waitstatus_to_exitcode(status)))
    draft.rename(note)
    os._exit(0)


def _become(asked: Mapping[str, Any]) -> None:
    """Be the command; ends this process, as the interpreter does."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    for number, name in ((1, "stdout"), (2, "stderr")):
        if path := asked["streams"].get(name):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), number)
    os.environ.clear()
    os.environ.update(asked["environment"])
    os.chdir(asked["folder"])
    sys.argv = ["crm", *asked["words"]]
    importlib.reload(failpoints)  # It reads the environment when it is loaded.
    cli.main()


if __name__ == "__main__":
    main()
