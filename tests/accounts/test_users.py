"""Users, roles, passwords."""

import re

import pytest
from sqlalchemy import select

from crm.accounts import commands, invitations, passwords, users
from crm.accounts.models import User
from crm.base import audit, signing
from crm.base.models import AuditEntry
from crm.extensions import db
from tests.factories import PASSWORD, make_organization, make_user

NEW = "four quiet boats at noon"


def again(user):
    return db.session.scalar(select(User).where(User.id == user.id).execution_options(populate_existing=True))


def path_of(url):
    return url.removeprefix("http://crm.example")


def test_the_list_shows_everybody(as_alice, bob):
    page = as_alice.page("/staff/users/")
    assert "Bob Viewer" in page.text
    assert "alice@bridgeway.example" in page.text


def test_alice_makes_bob_an_organizer_and_his_sessions_end(as_alice, client_of, bob):
    browser = client_of(bob)
    assert browser.get("/staff/users/me").status_code == 200
    as_alice.send(f"/staff/users/{bob.id}/role", {f"u{bob.id}-role": "organizer"})
    assert again(bob).role == "organizer"
    assert browser.get("/staff/users/me").status_code == 302
    entry = db.session.scalar(select(AuditEntry).where(AuditEntry.verb == "change_role"))
    assert (entry.actor, entry.changes) == ("alice@bridgeway.example", {"role": ["viewer", "organizer"]})


def test_a_role_that_does_not_exist_is_refused(as_alice, bob):
    as_alice.send(f"/staff/users/{bob.id}/role", {f"u{bob.id}-role": "owner"})
    assert again(bob).role == "viewer"


def test_nobody_changes_the_own_role_or_closes_the_own_account(as_alice, alice):
    make_user("admin")
    db.session.commit()
    page = as_alice.send(f"/staff/users/{alice.id}/role", {f"u{alice.id}-role": "viewer"})
    assert "Nobody changes the own role" in page.text
    page = as_alice.send(f"/staff/users/{alice.id}/close")
    assert "Nobody closes the own account" in page.text
    assert (again(alice).role, again(alice).active) == ("admin", True)


def test_the_last_admin_stays(app, alice):
    other = make_user("admin", active=False)
    with pytest.raises(users.Refused):
        users.close(alice, by=other)
    assert again(alice).active


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(as_alice, client_of, bob):
    browser = client_of(bob)
    as_alice.send(f"/staff/users/{bob.id}/close")
    assert browser.get("/staff/users/me").status_code == 302
    as_alice.send(f"/staff/users/{bob.id}/reopen")
    assert again(bob).active


def test_a_taken_address_is_refused_beside_its_field_and_keeps_what_was_typed(as_alice, bob):
    page = as_alice.send("/staff/users/new", {"name": "Bobby", "email": "BOB@bridgeway.example", "role": "viewer"})
    assert "bob@bridgeway.example already has an account." in page.text
    assert 'value="Bobby"' in page.text
    assert "<title>Error:" in page.text


@pytest.mark.parametrize("email", ["bob", "bob@", "b ob@x.example", "bob@x.example\r\nBcc: a@b.example", "", "x" * 300])
def test_a_bad_address_is_refused(as_alice, email):
    page = as_alice.send("/staff/users/new", {"name": "Bobby", "email": email, "role": "viewer"})
    assert "There is a problem" in page.text
    assert db.session.scalar(select(User).where(User.name == "Bobby")) is None


def test_an_invitation_leads_by_mail_to_a_password_and_a_login(as_alice, client, sink, deliver):
    as_alice.send("/staff/users/new", {"name": "Dana", "email": "dana@bridgeway.example", "role": "organizer"})
    deliver()
    mail = sink["dana@bridgeway.example"]
    assert mail.subject == "Your account at Bridgeway Coalition"
    assert "Alice Admin" in mail.text
    path = path_of(re.search(r"http://crm.example\S+", mail.text).group(0))
    client.send(path, {"new_password": NEW, "again": NEW})
    assert client.post("/login", data={"email": "dana@bridgeway.example", "password": NEW}).status_code == 302


def test_a_forgotten_password_is_set_anew_by_mail(client, bob, sink, deliver, monkeypatch):
    monkeypatch.setattr("crm.accounts.public.RESET_SECONDS", 0.0)
    client.send("/password", {"email": bob.email})
    client.send("/password", {"email": "nobody@bridgeway.example"})
    assert [mail.recipient for mail in deliver()] == [bob.email]
    path = path_of(re.search(r"http://crm.example\S+", sink[bob.email].text).group(0))
    client.send(path, {"new_password": NEW, "again": NEW})
    assert client.post("/login", data={"email": bob.email, "password": NEW}).status_code == 302


def test_wishes_for_a_new_password_are_limited(client, bob, deliver, monkeypatch):
    monkeypatch.setattr("crm.accounts.public.RESET_SECONDS", 0.0)
    for _ in range(7):
        assert "Look into your mail" in client.send("/password", {"email": bob.email}).text
    assert len(deliver()) == 5


def test_an_invited_user_sets_a_password_once_and_logs_in(app, client, alice):
    dana = make_user("organizer", email="dana@bridgeway.example", name="Dana", password_hash="")
    db.session.commit()
    with app.test_request_context():
        path = path_of(invitations.url(dana, invitations.INVITATION))
    assert "dana@bridgeway.example" in client.page(path).text
    page = client.send(path, {"new_password": NEW, "again": NEW})
    assert "Your password is set" in page.text
    answer = client.post("/login", data={"email": "dana@bridgeway.example", "password": NEW})
    assert answer.status_code == 302
    assert "does not work any more" in client.page(path, status=410).text


@pytest.mark.parametrize("damage", ["cut", "other purpose", "other user", "empty"])
def test_a_forged_link_is_refused(app, client, alice, bob, damage):
    with app.test_request_context():
        token = invitations.url(bob, invitations.RESET).rpartition("/")[2]
        tokens = {
            "cut": token[:-1],
            "other purpose": signing.sign("confirm", f"{alice.id}:x", dated=True),
            "other user": signing.sign(invitations.RESET, f"{alice.id}:{'0' * 16}", dated=True),
            "empty": "a.b",
        }
    client.page(f"/password/{tokens[damage]}", status=410)
    client.send(f"/password/{tokens[damage]}", {"new_password": NEW, "again": NEW}, status=410)
    assert passwords.matches(PASSWORD, again(alice).password_hash)


def test_a_reset_ends_all_sessions_and_forgives_failed_tries(app, client, client_of, bob, monkeypatch):
    browser = client_of(bob)
    with app.test_request_context():
        path = path_of(invitations.url(bob, invitations.RESET))
    with monkeypatch.context() as patch:
        patch.setattr(passwords, "matches", lambda *_: False)
        for _ in range(10):
            client.post("/login", data={"email": bob.email, "password": "wrong"})
    client.send(path, {"new_password": NEW, "again": NEW})
    assert browser.get("/staff/users/me").status_code == 302
    assert client.post("/login", data={"email": bob.email, "password": NEW}).status_code == 302


def test_the_answer_to_a_forgotten_password_is_the_same_for_everybody(client, bob, monkeypatch):
    monkeypatch.setattr("crm.accounts.public.RESET_SECONDS", 0.0)
    known = client.send("/password", {"email": bob.email})
    unknown = client.send("/password", {"email": "bot@bridgeway.example"})
    assert known.text.replace(bob.email, "-") == unknown.text.replace("bot@bridgeway.example", "-")


def test_changing_the_own_password_logs_other_browsers_out(client_of, bob):
    here, there = client_of(bob), client_of(bob)
    page = here.send("/staff/users/me/password", {"password": PASSWORD, "new_password": NEW, "again": NEW})
    assert "Your password is changed" in page.text
    assert here.get("/staff/users/me").status_code == 200
    assert there.get("/staff/users/me").status_code == 302


def test_the_own_password_changes_only_with_the_present_one(as_bob, bob):
    page = as_bob.send("/staff/users/me/password", {"password": "wrong", "new_password": NEW, "again": NEW})
    assert "This is not your present password." in page.text
    assert passwords.matches(PASSWORD, again(bob).password_hash)


@pytest.mark.parametrize(
    ("password", "says"),
    [
        ("short", "at least 12"),
        ("aaaaaaaaaaaaaaa", "Many people"),
        ("Password2026!!", "Many people"),
        ("123456789012", "Many people"),
        ("bob@bridgeway.example", "your own name"),
        ("Bob Viewer", "at least 12"),
        ("x" * 150 + "abcdefg" * 10, "at most 200"),
    ],
)
def test_weak_passwords_are_refused(password, says):
    assert says in passwords.fault(password, "bob@bridgeway.example", "Bob Viewer")


@pytest.mark.parametrize("password", [NEW, "contraseña con ñ y más", "كلمة مرور طويلة جدا"])
def test_long_passwords_of_any_script_are_taken(password):
    assert passwords.fault(password, "bob@bridgeway.example") is None


def test_the_time_zone_must_exist(as_bob, bob):
    assert "Choose a time zone" in as_bob.send("/staff/users/me", {"name": "Bob", "zone": "Mars/Base"}).text
    as_bob.send("/staff/users/me", {"name": "Bob B", "zone": "Asia/Amman"})
    assert (again(bob).name, again(bob).zone) == ("Bob B", "Asia/Amman")


STDIN = "--password-stdin"


def test_the_command_adds_a_user_who_can_log_in(app, client):
    result = app.test_cli_runner().invoke(
        commands.user, ["create", "Zoe@Bridgeway.example", "--role", "admin", STDIN], input=f"{NEW}\n"
    )
    assert (result.exit_code, result.stdout) == (0, "zoe@bridgeway.example\n")
    assert client.post("/login", data={"email": "zoe@bridgeway.example", "password": NEW}).status_code == 302


def test_the_command_without_a_password_prints_the_link_to_set_one(app, client):
    result = app.test_cli_runner().invoke(
        commands.user, ["create", "zoe@bridgeway.example", "--role", "viewer"], input="not@a.password\n"
    )
    address, link = result.stdout.splitlines()
    assert (result.exit_code, address) == (0, "zoe@bridgeway.example")
    client.send(link.removeprefix(app.config["PUBLIC_URL"]), {"new_password": NEW, "again": NEW})
    assert client.post("/login", data={"email": address, "password": NEW}).status_code == 302


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (["create", "bob@bridgeway.example", "--role", "viewer", STDIN], NEW, 1),
        (["create", "new@bridgeway.example", "--role", "viewer", STDIN], "short", 1),
        (["create", "not an address", "--role", "viewer", STDIN], NEW, 2),
        (["create", "new@bridgeway.example", "--role", "king", STDIN], NEW, 2),
        (["create", "new@bridgeway.example"], NEW, 2),
        (["password", "nobody@bridgeway.example", STDIN], NEW, 1),
        (["password", "bob@bridgeway.example"], "", 2),
    ],
)
def test_the_command_refuses_with_its_exit_code(app, bob, words, typed, code):
    result = app.test_cli_runner().invoke(commands.user, words, input=f"{typed}\n")
    assert (result.exit_code, result.stdout) == (code, "")


def test_the_audit_names_the_system_outside_of_requests(app):
    assert audit.actor() == "system"


@pytest.mark.parametrize("address", ["users/", "settings/", "settings/stages/", "delivery/limits", "goals/new"])
def test_what_all_members_share_no_members_admin_decides(client_of, as_alice, address):
    member = make_organization("North", is_member=True)
    nora = make_user("admin", name="Nora", organization_id=member.id)
    assert client_of(nora).get(f"/staff/{address}").status_code == 403
    assert as_alice.get(f"/staff/{address}").status_code == 200
