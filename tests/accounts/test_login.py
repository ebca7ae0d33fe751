"""Logging in and out, tries, sessions."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.accounts import passwords, sessions
from crm.accounts.destinations import own_page
from crm.accounts.models import StaffSession
from crm.base import clock
from crm.base.models import AuditEntry
from crm.extensions import db
from tests.factories import PASSWORD, make_user


def log_in(browser, email="alice@bridgeway.example", password=PASSWORD, url="/login", **kwargs):
    return browser.post(url, data={"email": email, "password": password}, **kwargs)


def test_alice_logs_in_and_comes_to_the_page_she_asked_for(client, alice):
    answer = client.get("/staff/users/")
    assert answer.status_code == 302
    answer = log_in(client, url=answer.location)
    assert answer.location == "/staff/users/"
    client.page("/staff/users/")
    assert db.session.scalar(select(AuditEntry.verb).where(AuditEntry.thing == "user")) == "log_in"


def test_the_address_may_be_typed_in_any_case(client, alice):
    assert log_in(client, email=" Alice@Bridgeway.Example ").status_code == 302


@pytest.mark.parametrize("email", ["alice@bridgeway.example", "nobody@bridgeway.example"])
def test_a_wrong_login_does_not_tell_what_is_wrong(client, alice, email):
    answer = client.send("/login", {"email": email, "password": "wrong wrong wrong"}, status=401)
    assert "The address or the password is wrong" in answer.text
    assert email in answer.text
    assert client.get("/staff/users/").status_code == 302


def test_a_closed_or_invited_account_cannot_log_in(client, alice):
    make_user("admin", email="gone@bridgeway.example", active=False)
    make_user("admin", email="new@bridgeway.example", password_hash="")
    db.session.commit()
    assert log_in(client, email="gone@bridgeway.example").status_code == 401
    assert log_in(client, email="new@bridgeway.example", password="x").status_code == 401


def test_an_unknown_address_costs_the_same_work(client, alice, monkeypatch):
    looks = []
    monkeypatch.setattr(passwords, "matches", lambda password, stored: looks.append(stored) or False)
    log_in(client, email="nobody@bridgeway.example")
    log_in(client)
    assert len(looks) == 2
    monkeypatch.undo()
    assert passwords.matches(PASSWORD, "") is False
    assert passwords.matches("the password of nobody", "") is False


def test_the_eleventh_wrong_try_is_refused_even_with_the_right_password(app, client, alice, monkeypatch):
    with time_machine.travel("2026-11-22 10:00:00Z", tick=False) as traveller:
        _fail_ten_times(app, alice.email, monkeypatch)
        answer = log_in(app.test_client())
        assert answer.status_code == 429
        assert "Try again in 15 minutes" in answer.text
        assert log_in(app.test_client(), email="other@bridgeway.example").status_code == 401
        traveller.shift(timedelta(minutes=15, seconds=1))
        assert log_in(client).status_code == 302


def test_the_wait_grows_with_further_failures(app, alice, monkeypatch):
    with time_machine.travel("2026-11-22 10:00:00Z", tick=False) as traveller:
        _fail_ten_times(app, alice.email, monkeypatch)
        traveller.shift(timedelta(minutes=16))
        answers = [log_in(app.test_client(), password="wrong wrong").status_code for _ in range(6)]
        assert answers == [401] * 5 + [429]
        assert "Try again in 44 minutes" in log_in(app.test_client()).text


def test_a_login_forgets_the_failed_tries_of_that_account(app, client, alice, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "matches", lambda *_: False)
        for _ in range(9):
            log_in(app.test_client())
    assert log_in(client).status_code == 302
    assert log_in(app.test_client(), password="wrong wrong wrong").status_code == 401
    assert log_in(app.test_client()).status_code == 302


@pytest.mark.usefixtures("one_hour")
def test_one_network_cannot_try_many_accounts(app, alice, monkeypatch):
    monkeypatch.setattr(passwords, "matches", lambda *_: False)
    answers = [log_in(app.test_client(), email=f"u{n}@bridgeway.example").status_code for n in range(51)]
    assert answers == [401] * 50 + [429]
    elsewhere = {"REMOTE_ADDR": "198.51.100.7"}
    assert log_in(app.test_client(), environ_overrides=elsewhere).status_code == 401


@pytest.mark.parametrize(
    "wish",
    [
        "https://evil.example/",
        "//evil.example",
        "/////evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "staff/",
        "/login\r\nSet-Cookie: a=b",
        "/nowhere",
        "/logout",
        "",
        None,
        "http:/evil.example",
        "/@evil.example",
    ],
)
def test_a_login_never_leads_elsewhere(app, wish):
    assert own_page(wish) == "/staff/"


@pytest.mark.parametrize("wish", ["/staff/users/", "/staff/users/?page=2&q=a", "/staff/users/me"])
def test_a_login_leads_to_own_pages(app, wish):
    assert own_page(wish) == wish


def test_logging_out_ends_the_session_for_good(app, alice):
    browser = app.test_client()
    log_in(browser)
    cookie = browser.get_cookie("session").value
    browser.send("/logout")
    assert browser.get("/staff/users/").status_code == 302
    thief = app.test_client()
    thief.set_cookie("session", cookie)
    assert thief.get("/staff/users/").status_code == 302


def test_logging_out_needs_a_post(client):
    assert client.get("/logout").status_code == 405


def test_a_session_planted_before_the_login_is_worth_nothing_after(app, alice):
    browser = app.test_client()
    with browser.session_transaction() as session:
        session["planted"] = "by Carol"
        session["key"] = "known to Carol"
    log_in(browser)
    with browser.session_transaction() as session:
        assert "planted" not in session
        assert session["key"] != "known to Carol"


def test_a_session_sleeps_at_most_twelve_hours(app, alice):
    with time_machine.travel("2026-11-22 10:00:00Z", tick=False) as traveller:
        browser = app.test_client()
        log_in(browser)
        for _ in range(3):
            traveller.shift(timedelta(hours=11))
            assert browser.get("/staff/users/").status_code == 200
        traveller.shift(timedelta(hours=12, seconds=1))
        assert browser.get("/staff/users/").status_code == 302


def test_a_session_lives_at_most_seven_days(app, alice):
    with time_machine.travel("2026-11-15 10:00:00Z", tick=False) as traveller:
        browser = app.test_client()
        log_in(browser)
        for _ in range(16):
            traveller.shift(timedelta(hours=10))
            assert browser.get("/staff/users/").status_code == 200
        traveller.shift(timedelta(hours=9))
        assert browser.get("/staff/users/").status_code == 302


def test_old_sessions_are_pruned(app, client_of, alice):
    client_of(alice)
    db.session.execute(db.update(StaffSession).values(created_at=clock.now() - timedelta(days=8)))
    sessions.prune()
    assert db.session.scalar(select(StaffSession.id)) is None


def test_a_password_is_kept_as_argon2id(alice):
    assert alice.password_hash.startswith("$argon2id$v=19$m=65536,t=3,p=1$")


def test_the_login_page_is_in_english_whatever_the_browser_speaks(client):
    assert '<html lang="en" dir="ltr"' in client.page("/login", headers={"Accept-Language": "ar"}).text


def _fail_ten_times(app, email, monkeypatch):
    # The look at the password is left out: ten of them take two seconds.
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "matches", lambda *_: False)
        answers = [log_in(app.test_client(), email=email, password="wrong wrong").status_code for _ in range(10)]
    assert answers == [401] * 10
