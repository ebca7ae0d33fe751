"""`crm up` runs the whole program and ends all of it."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from crm.config import ROOT
from crm.site import up

CRM = [sys.executable, "-m", "crm"]


@pytest.fixture
def environment(tmp_path: Path, databases) -> dict[str, str]:
    databases.url("sqlite", tmp_path)
    keep = {k: v for k, v in os.environ.items() if not k.startswith(("MAIL_", "DATABASE", "PUBLIC"))}
    return {**keep, "INSTANCE_PATH": str(tmp_path), "PYTHONPATH": str(ROOT), "DEVELOPMENT": "true"}


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


def commands(pid: int) -> str:
    return " ".join(" ".join(child.cmdline()) for child in psutil.Process(pid).children(recursive=True))


def wait_for(condition, seconds: float = 20.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.1)
    return True


def test_it_prints_the_address_serves_and_takes_its_children_along(environment, tmp_path):
    port = free_port()
    with subprocess.Popen([*CRM, "up", "--port", str(port)], env=environment, stdout=subprocess.PIPE) as process:
        try:
            first = process.stdout.readline().decode()
            assert f"http://127.0.0.1:{port}" in first
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=10) as answer:
                assert answer.status == 200
            children = psutil.Process(process.pid).children(recursive=True)
            web = [child for child in children if "gunicorn" in " ".join(child.cmdline())]
            assert web
        finally:
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        assert re.search("/dev/mailbox/", process.stdout.read().decode())
    assert wait_for(lambda: not any(child.is_running() for child in children))


def test_killing_it_ends_its_children_too(environment):
    port = free_port()
    with subprocess.Popen([*CRM, "up", "--port", str(port)], env=environment, stdout=subprocess.PIPE) as process:
        assert b"Groundswell runs" in process.stdout.readline()
        assert wait_for(lambda: "sender" in commands(process.pid))
        children = psutil.Process(process.pid).children(recursive=True)
        process.kill()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not [child.cmdline() for child in alive]
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", port))


def test_a_taken_port_is_named_together_with_a_way_out(environment):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = subprocess.run(
            [*CRM, "up", "--port", str(port)], env=environment, capture_output=True, text=True, timeout=60
        )
    assert result.returncode == 1
    assert f"Port {port} cannot be used" in result.stderr
    assert "--port" in result.stderr


def test_an_installation_without_tables_is_told_how_to_make_them(environment, tmp_path):
    (tmp_path / "groundswell.sqlite3").unlink()
    result = subprocess.run([*CRM, "up"], env=environment, capture_output=True, text=True, timeout=60)
    assert result.returncode == 1
    assert "crm db upgrade" in result.stderr


def test_links_in_mail_lead_to_the_port_unless_an_address_was_set():
    default = {"PUBLIC_URL": "http://127.0.0.1:5000", "INSTANCE_PATH": "/nowhere"}
    assert up._environment(default, "127.0.0.1", 5007, None)["PUBLIC_URL"] == "http://127.0.0.1:5007"
    chosen = {**default, "PUBLIC_URL": "https://crm.example"}
    assert up._environment(chosen, "127.0.0.1", 5007, None)["PUBLIC_URL"] == "https://crm.example"
