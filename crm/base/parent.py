"""A child process that ends with its parent, also where the parent was killed and could tell nobody."""

import os
import signal
import threading
import time

LOOK_EVERY_SECONDS = 0.5


def follow(parent: int) -> None:
    """From now on, send this process SIGTERM when that process is not its parent any more."""
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_EVERY_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)
