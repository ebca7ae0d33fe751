"""`crm up`: web, worker and local mailbox of one machine, under one supervisor."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from crm.base.children import Child, end
from crm.config import ROOT, SETTINGS
from crm.site import gunicorn, mailbox

ANYWHERE = "0.0.0.0"  # noqa: S104 (only where somebody asks for it)
GRACE_SECONDS = 20.0
LOOK_EVERY_SECONDS = 0.3


class CannotStart(Exception):
    """The message says what is in the way and what to do about it."""


def run(settings: Mapping[str, Any], host: str, port: int, *, way_in: Sequence[str] = ()) -> None:
    """Run until SIGTERM or Ctrl-C, then end the children; raises CannotStart. way_in: lines to greet with."""
    _check_port(host, port)
    stop = threading.Event()
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, lambda *_: stop.set())
    catcher = None if settings["MAIL_SERVER"] else mailbox.server(Path(settings["INSTANCE_PATH"]) / "mailbox")
    if catcher:
        catcher.start()
    environment = _environment(settings, host, port, catcher.port if catcher else None)
    web = [sys.executable, "-m", "gunicorn", "--config", f"python:{gunicorn.__name__}", "--bind", f"{host}:{port}"]
    worker = [sys.executable, "-m", "crm", "worker", "--parent", str(os.getpid())]
    children = [Child("the web server", web, environment), Child("the worker", worker, environment)]
    try:
        _start(children, host, port, stop)
        print(greeting(settings, environment["PUBLIC_URL"], catching=catcher is not None, way_in=way_in), flush=True)
        while not stop.wait(LOOK_EVERY_SECONDS):
            for child in children:
                child.look_after()
    finally:
        end(children, GRACE_SECONDS)
        if catcher:
            catcher.stop()


def greeting(settings: Mapping[str, Any], url: str, *, catching: bool, way_in: Sequence[str]) -> str:
    """Return what is printed when everything runs."""
    lines = [f"Groundswell runs at {url}", *(line.format(url=url) for line in way_in)]
    if catching and settings["DEVELOPMENT"]:
        lines.append(f"All mail is caught {url}/dev/mailbox/")
    elif catching:
        lines.append(f"MAIL_SERVER is not set: mail reaches nobody and is kept in {settings['INSTANCE_PATH']}/mailbox")
    return "\n".join([*lines, "Ctrl-C ends it."])


def _start(children: list[Child], host: str, port: int, stop: threading.Event) -> None:
    web = children[0]
    for child in children:
        child.look_after()
    while not stop.is_set() and not _answers(host, port):
        if web.process is None or web.process.poll() is not None:
            raise CannotStart("The web server did not start; its message stands above.")
        stop.wait(0.1)


def _environment(settings: Mapping[str, Any], host: str, port: int, mail_port: int | None) -> dict[str, str]:
    environment = dict(os.environ)
    public_url = settings["PUBLIC_URL"]
    if public_url == next(s.default for s in SETTINGS if s.name == "PUBLIC_URL"):
        public_url = f"http://127.0.0.1:{port}"  # Nobody chose an address: links in mail lead to this one.
    environment |= {"PUBLIC_URL": public_url, "INSTANCE_PATH": settings["INSTANCE_PATH"]}
    environment[gunicorn.PARENT] = str(os.getpid())
    environment["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), environment.get("PYTHONPATH", "")]))
    if mail_port:
        environment |= {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(mail_port)}
        environment |= {"MAIL_USE_TLS": "false", "MAIL_USE_SSL": "false"}
    return environment


def _check_port(host: str, port: int) -> None:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"Port {port} cannot be used ({error.strerror}). Choose another: crm up --port {port + 1}"
            ) from error


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host if host != ANYWHERE else "127.0.0.1", port), timeout=1):
            return True
    except OSError:
        return False
