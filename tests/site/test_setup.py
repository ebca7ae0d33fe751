"""The setup page of a new installation."""

import io
import re

import pytest
import time_machine
from sqlalchemy import func, select

from crm.accounts.models import User
from crm.contacts import wordings
from crm.contacts.models import ConsentWording, Topic
from crm.extensions import db
from crm.goals.models import Goal
from crm.organizations import coalition
from crm.organizations.models import Coalition
from crm.site import installation
from crm.site.commands import setup_link
from tests.factories import PASSWORD as OLD_PASSWORD
from tests.factories import make_user

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 100
PASSWORD = "four quiet boats at noon"


@pytest.fixture
def fresh(bare_app):
    bare_app.config["DEVELOPMENT"] = True
    return bare_app.test_client()


def answers(**changes):
    form = {
        "name": "Open Doors",
        "purpose": "Work for everybody who trained for it.",
        "zone": "America/Chicago",
        "sender_name": "Open Doors",
        "sender_email": "News@OpenDoors.example",
        "postal_address": "1 Main Street, Chicago, IL 60601",
        "topics-0-en": "Alerts",
        "topics-0-es": "Alertas",
        "topics-1-en": "Research",
        "topics-2-en": "",
        "topics-2-es": "Seminarios",
        "goal_title": "Supporters",
        "goal_target": "800",
        "goal_start": "2026-01-01",
        "goal_deadline": "2099-01-01",
        "consent_en": "I agree that {name} may write to me.",
        "consent_es": "Acepto que {name} me escriba.",
        "consent_ar": "",
        "reviewer_es": "",
        "reviewer_ar": "",
        "admin_name": "Zoe",
        "admin_email": "zoe@opendoors.example",
        "admin_password": PASSWORD,
    }
    return {**form, **changes}


@pytest.mark.parametrize("path", ["/", "/staff/", "/staff/users/", "/login"])
def test_a_new_installation_leads_to_its_setup(fresh, path):
    answer = fresh.get(path)
    assert (answer.status_code, answer.location) == (302, "/setup")


def test_the_page_suggests_topics_wordings_and_a_goal(fresh):
    page = fresh.page("/setup")
    for text in ("Action alerts", "Alertas de acción", "I agree that {name}", 'value="800"', "America/New_York"):
        assert text in page.text


def test_the_suggested_goal_starts_today_where_the_coalition_is(fresh):
    with time_machine.travel("2026-11-23T02:00:00Z", tick=False):
        field = re.search(r'<input[^>]* name="goal_start"[^>]*>', fresh.page("/setup").text)[0]
    assert 'value="2026-11-22"' in field


def test_one_page_sets_everything_up_and_leads_to_the_import(fresh):
    page = fresh.send("/setup", answers(logo=(io.BytesIO(PNG), "logo.png")), content_type="multipart/form-data")
    assert "/staff/imports/" in page.text
    assert "Skip" in page.text
    found = coalition.current()
    assert (found.name, found.zone, found.sender_email) == ("Open Doors", "America/Chicago", "news@opendoors.example")
    assert (found.logo, found.logo_type) == (PNG, "image/png")
    topics = db.session.scalars(select(Topic).order_by(Topic.position)).all()
    assert [(t.slug, t.default) for t in topics] == [("alerts", True), ("research", False)]
    assert topics[0].name("es") == "Alertas"
    goal = db.session.scalars(select(Goal)).one()
    assert (goal.target, goal.deadline.year) == (800, 2099)
    zoe = db.session.scalars(select(User)).one()
    assert (zoe.email, zoe.role, zoe.zone) == ("zoe@opendoors.example", "admin", "America/Chicago")
    assert fresh.page("/staff/").status_code == 200


def test_the_sender_is_kept_on_one_line(fresh):
    fresh.send("/setup", answers(sender_name=" Open\r\nDoors\x00 "))
    assert coalition.current().sender_name == "Open Doors"


def test_a_translation_of_the_consent_stays_a_draft_until_somebody_stands_for_it(fresh):
    fresh.send("/setup", answers())
    assert wordings.current("en").text == "I agree that Open Doors may write to me."
    assert wordings.current("en").reviewed_by == "Zoe"
    assert wordings.current("es").language == "en"
    draft = db.session.scalars(select(ConsentWording).where(ConsentWording.language == "es")).one()
    assert (draft.live, draft.reviewed_at) == (False, None)


def test_a_reviewed_translation_is_live_at_once(fresh):
    fresh.send("/setup", answers(reviewer_es="Carmen Ruiz"))
    assert (wordings.current("es").language, wordings.current("es").reviewed_by) == ("es", "Carmen Ruiz")


def test_the_second_visit_finds_it_closed(fresh, bare_app):
    fresh.send("/setup", answers())
    stranger = bare_app.test_client()
    assert "set up already" in stranger.page("/setup", status=410).text
    stranger.send("/setup", answers(name="Taken Over", admin_email="carol@evil.example"), status=410)
    assert coalition.current().name == "Open Doors"
    assert db.session.scalar(select(func.count()).select_from(User)) == 1


def test_of_two_at_the_same_moment_one_is_refused_whole(bare_app, fresh, monkeypatch):
    fresh.send("/setup", answers())
    monkeypatch.setattr(installation, "is_open", lambda: True)
    monkeypatch.setattr("crm.accounts.users.exist", lambda: False)
    bare_app.test_client().send("/setup", answers(name="Second", admin_email="carol@evil.example"), status=410)
    monkeypatch.undo()
    assert db.session.scalar(select(func.count()).select_from(Coalition)) == 1
    assert db.session.scalar(select(func.count()).select_from(User)) == 1
    assert db.session.scalar(select(func.count()).select_from(Topic)) == 2


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "Enter the name."),
        ({"name": "x" * 201}, "longer than 200"),
        ({"zone": "Boston"}, "Choose a time zone of the list"),
        ({"sender_name": "\r\n"}, "Enter a sender."),
        ({"sender_name": "Doors <news@doors.example>"}, "Leave out &lt; and &gt;"),
        ({"sender_email": "news"}, "Enter an e-mail address like"),
        ({"postal_address": " "}, "Enter the address."),
        ({"topics-0-en": "", "topics-1-en": " "}, "Name at least one topic in English."),
        ({"goal_target": "-1"}, "1 to 10,000,000"),
        ({"goal_deadline": "2025-12-31"}, "must end after it starts"),
        ({"goal_start": "2020-01-01", "goal_deadline": "2020-02-01"}, "must end in the future"),
        ({"consent_en": ""}, "People must know what they agree to."),
        ({"admin_password": "short"}, "at least 12"),
        ({"admin_password": "Password1234"}, "Many people use"),
        ({"admin_email": "zoe at home"}, "Enter an e-mail address like"),
    ],
)
def test_a_mistake_is_named_and_nothing_typed_is_lost(fresh, change, says):
    page = fresh.send("/setup", answers(**change))
    assert says in page.text
    assert "There is a problem" in page.text
    assert "Alertas" in page.text
    assert "Acepto que {name} me escriba." in page.text
    assert coalition.current() is None
    assert db.session.scalar(select(User.id)) is None


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "no PNG, JPEG or WebP"),
        (b"GIF89a" + b"0" * 20, "no PNG, JPEG or WebP"),
        (b"<html>", "no PNG, JPEG or WebP"),
        (PNG + b"0" * 500_000, "at most 500 kB"),
    ],
)
def test_a_logo_must_be_a_small_image(fresh, data, says):
    page = fresh.send("/setup", answers(logo=(io.BytesIO(data), "logo.png")), content_type="multipart/form-data")
    assert says in page.text
    assert coalition.current() is None


@pytest.mark.parametrize("data", [PNG, b"\xff\xd8\xff\xe0" + b"0" * 50, b"RIFF\x00\x00\x00\x00WEBPVP8 "])
def test_the_logo_is_served_as_what_it_is(fresh, data):
    fresh.send("/setup", answers(logo=(io.BytesIO(data), "x.svg")), content_type="multipart/form-data")
    answer = fresh.get("/logo")
    assert answer.data == data
    assert answer.mimetype in {"image/png", "image/jpeg", "image/webp"}
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_on_a_public_server_a_stranger_needs_the_code(bare_app):
    carol = bare_app.test_client()
    assert "Setup code" in carol.page("/setup").text
    page = carol.send("/setup", answers(code="AAAA-BBBB-CCCC"))
    assert "This is not the setup code." in page.text
    assert coalition.current() is None
    carol.send("/setup", answers(code=installation.code().lower()))
    assert coalition.current().name == "Open Doors"


def test_the_code_cannot_be_guessed_for_long(bare_app):
    carol = bare_app.test_client()
    for _ in range(20):
        carol.send("/setup", answers(code="AAAA-BBBB-CCCC"))
    assert "tried too often" in carol.send("/setup", answers(code=installation.code())).text


@pytest.mark.parametrize("forwarded", [{"X-Forwarded-For": "203.0.113.9"}, {}])
def test_development_spares_the_code_on_the_own_machine_only(fresh, forwarded):
    elsewhere = {} if forwarded else {"REMOTE_ADDR": "203.0.113.9"}
    assert "Setup code" in fresh.page("/setup", headers=forwarded, environ_overrides=elsewhere).text
    assert "Setup code" not in fresh.page("/setup").text


def test_the_command_prints_the_link_with_the_code(bare_app, fresh):
    runner = bare_app.test_cli_runner()
    result = runner.invoke(setup_link)
    assert result.stdout.strip() == f"http://crm.example/setup?code={installation.code()}"
    assert (
        installation.code()
        in bare_app.test_client()
        .page(
            result.stdout.strip().removeprefix("http://crm.example"), environ_overrides={"REMOTE_ADDR": "203.0.113.9"}
        )
        .text
    )
    fresh.send("/setup", answers())
    assert runner.invoke(setup_link).exit_code == 1


def test_an_admin_made_by_command_sets_up_without_a_second_one(bare_app):
    zoe = make_user("admin", email="zoe@opendoors.example", name="Zoe")
    db.session.commit()
    stranger = bare_app.test_client()
    assert stranger.get("/setup").location.startswith("/login")
    browser = bare_app.test_client()
    browser.send("/login", {"email": zoe.email, "password": OLD_PASSWORD})
    form = {name: value for name, value in answers().items() if not name.startswith("admin_")}
    assert "first admin" not in browser.page("/setup").text
    browser.send("/setup", form)
    assert coalition.current().name == "Open Doors"
    assert db.session.scalars(select(User)).one().name == "Zoe"
