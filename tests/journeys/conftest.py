"""A real browser, and the whole program running as its own processes with the local mailbox."""

import email
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import default as mail_policy
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from crm.config import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Long enough for a machine that does other work: nothing waits for longer than it has to.
START_SECONDS = 240
MAIL_SECONDS, COMMAND_SECONDS = 120, 300
PATIENCE_MILLISECONDS = 60_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM:
        pytest.skip("no Chromium found: install Debian's package chromium")
    with sync_playwright() as playwright:
        expect.set_options(timeout=PATIENCE_MILLISECONDS)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def open_browser(chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Return a function that opens a new browser of a person; keyword arguments as for a context."""
    contexts: list[BrowserContext] = []

    def open_one(**options) -> Page:
        context = chromium.new_context(**{"viewport": {"width": 1280, "height": 900}, "locale": "en-US", **options})
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MILLISECONDS)
        return page

    yield open_one
    for context in contexts:
        context.close()


@dataclass
class Installation:
    """A running installation: where it answers, and where its mailbox lies."""

    url: str
    folder: Path
    environment: dict[str, str]

    def crm(self, *words: str) -> str:
        """Run a `crm` command on this installation, and return what it prints."""
        command = [sys.executable, "-m", "crm", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, check=True, capture_output=True, text=True, timeout=COMMAND_SECONDS
        ).stdout

    def mail(self, address: str, subject: str = "") -> EmailMessage:
        """Wait for the newest mail to that address whose subject holds the words."""
        until = time.monotonic() + MAIL_SECONDS
        while time.monotonic() < until:
            for path in sorted((self.folder / "mailbox").glob("*.eml"), reverse=True):
                message = email.message_from_bytes(path.read_bytes(), policy=mail_policy)
                if address in str(message["To"]) and subject.lower() in str(message["Subject"]).lower():
                    return message
            time.sleep(0.1)
        raise AssertionError(f"no mail to {address} about {subject!r}")


def link_in(message: EmailMessage, path: str) -> str:
    """Return the first link of the mail's text whose address holds that path."""
    text = message.get_body(("plain",)).get_content()
    found = re.search(rf"https?://\S*{path}\S*", text)
    assert found, f"no link to {path} in:\n{text}"
    return found.group(0)


@pytest.fixture(scope="module")
def installation(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A new installation with an empty database: `crm up` and what it starts, with the module's SETTINGS."""
    tmp_path = tmp_path_factory.mktemp("installation")
    port = _free_port()
    environment = {
        **{k: v for k, v in os.environ.items() if not k.startswith("MAIL_")},
        "INSTANCE_PATH": str(tmp_path / "instance"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "DEVELOPMENT": "true",
        "PYTHONPATH": str(ROOT),
        **getattr(request.module, "SETTINGS", {}),
    }
    environment.pop("DATABASE_URL", None)
    made = Installation(f"http://127.0.0.1:{port}", tmp_path / "instance", environment)
    made.crm("db", "upgrade")
    log = (tmp_path / "up.log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "crm", "up", "--port", str(port)], cwd=ROOT, env=environment, stdout=log, stderr=log
    )
    try:
        _wait_until_ready(made.url, process, tmp_path / "up.log")
        yield made
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=START_SECONDS)
        log.close()


@pytest.fixture(scope="module")
def sample(installation: Installation) -> tuple[Installation, str]:
    """An installation with sample data, and the password of its staff."""
    return installation, installation.crm("demo", "load").split()[-1]


def _wait_until_ready(url: str, process: subprocess.Popen, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()[-3000:]
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"not ready after {START_SECONDS} s: {log.read_text()[-3000:]}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
