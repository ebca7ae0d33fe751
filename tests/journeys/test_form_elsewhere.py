"""A sign-up form on a member's site, in a frame that one script tag makes; a stranger's site gets none."""

import http.server
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.journeys.conftest import Installation
from tests.journeys.people import set_up

PAGE = '<!doctype html><html lang="en"><title>Member</title><h1>Us</h1><script src="{}/embed/signup.js" {}></script>'


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[int]:
    """The port of a site of somebody else: the member is localhost, the stranger 127.0.0.1."""
    quiet = type("Quiet", (http.server.SimpleHTTPRequestHandler,), {"log_message": lambda *_words: None})
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_address[1]
    server.shutdown()


def test_a_visitor_signs_up_on_a_members_site_and_a_strangers_site_shows_nothing(
    installation: Installation, open_browser, elsewhere: int, tmp_path: Path
):
    staff = open_browser()
    set_up(staff, installation)
    staff.goto(f"{installation.url}/staff/forms/new")
    staff.get_by_label("Name", exact=True).fill("Member site")
    staff.get_by_label("Sites that may show the form").fill(f"http://localhost:{elsewhere}")
    staff.get_by_role("button", name="Save").click()
    (tmp_path / "index.html").write_text(PAGE.format(installation.url, 'data-form="member-site" data-lang="es"'))

    visitor = open_browser()
    visitor.goto(f"http://localhost:{elsewhere}/")
    frame = visitor.frame_locator("iframe")
    frame.get_by_label("Correo electrónico").fill("amina@mail.example")
    tall = visitor.locator("iframe").bounding_box()["height"]
    frame.locator("[name=consent]").check()
    visitor.wait_for_timeout(2000)  # No person is quicker.
    frame.get_by_role("button", name="Inscribirse").click()
    expect(frame.get_by_role("heading", name="Revise su correo")).to_be_visible()
    visitor.wait_for_function(f"document.querySelector('iframe').offsetHeight < {tall} / 2")
    assert visitor.context.cookies() == []
    assert installation.mail("amina@mail.example")

    stranger = open_browser()
    refused = []
    stranger.on("console", lambda message: refused.append(message.text))
    stranger.goto(f"http://127.0.0.1:{elsewhere}/")
    stranger.wait_for_timeout(1500)
    assert any("frame-ancestors" in text for text in refused)
    assert stranger.frame_locator("iframe").locator("form").count() == 0
