"""Postfix's own smtp-sink, which counts what it accepts, and smtp-source, which sends as fast as it can."""

import os
import re
import shutil
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field

from bench import stage

COUNT = re.compile(rb"mesg=(\d+)\r")
CONNECTIONS = 8
LONGEST_SECONDS = 600


@dataclass
class Sink:
    """Postfix's smtp-sink, and when it accepted the first and the last message."""

    port: int = field(default_factory=stage.free_port)
    accepted: int = 0
    first: float = 0.0
    last: float = 0.0

    def __enter__(self) -> "Sink":
        as_whom = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [tool("smtp-sink"), *as_whom, "-c", f"127.0.0.1:{self.port}", "1000"]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        threading.Thread(target=self._watch, daemon=True).start()
        _wait_for(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()

    def reset(self) -> None:
        self._base = self.total
        self.accepted, self.first, self.last = 0, 0.0, 0.0

    total = 0
    _base = 0

    def _watch(self) -> None:
        assert self._process.stdout is not None
        rest = b""
        while octets := os.read(self._process.stdout.fileno(), 65536):
            now = time.monotonic()
            rest += octets
            if counts := COUNT.findall(rest):
                self.total = int(counts[-1])
                rest = rest[-80:]
                self.accepted = self.total - self._base
                if self.accepted:
                    self.first, self.last = self.first or now, now
            time.sleep(0.01)  # The counter is a line a message; reading it in lumps keeps the watcher cheap.

    @property
    def rate(self) -> float:
        """Messages a second, from the first to the last."""
        return (self.accepted - 1) / max(self.last - self.first, 1e-9)


def smtp_source(sink: Sink, messages: int, size: int, *options: str) -> float:
    """Send so many messages of so many bytes over 8 connections; return the messages a second that arrived."""
    sink.reset()
    count = ["-s", str(CONNECTIONS), "-m", str(messages), "-l", str(size)]
    command = [tool("smtp-source"), *options, *count, f"127.0.0.1:{sink.port}"]
    subprocess.run(command, check=True, timeout=LONGEST_SECONDS)
    time.sleep(0.2)
    return sink.rate


def tool(name: str) -> str:
    found = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if found is None:
        raise SystemExit(f"{name} is missing: install Debian's postfix")
    return found


def _wait_for(port: int) -> None:
    for _ in range(100):
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on port {port}")
