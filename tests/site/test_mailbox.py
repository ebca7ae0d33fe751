"""The local mailbox catches mail by SMTP and shows it, in development only."""

import smtplib
from email.message import EmailMessage
from pathlib import Path

import pytest

from crm.site import mailbox


@pytest.fixture
def folder(app) -> Path:
    app.config["DEVELOPMENT"] = True
    return Path(app.config["INSTANCE_PATH"]) / "mailbox"


@pytest.fixture
def send(folder):
    """Send a mail through the mailbox's own SMTP server."""
    controller = mailbox.server(folder)
    controller.start()

    def send(subject: str, to: str = "carol@mail.example", html: str = "") -> None:
        message = EmailMessage()
        message["Subject"], message["From"], message["To"] = subject, "news@bridgeway.example", to
        message.set_content("Please confirm: http://crm.example/confirm/abc")
        if html:
            message.add_alternative(html, subtype="html")
        with smtplib.SMTP("127.0.0.1", controller.port) as smtp:
            smtp.send_message(message)

    yield send
    controller.stop()


def name_of_newest(folder: Path) -> str:
    return mailbox.listed(folder, 1).rows[0].name


def test_a_caught_mail_is_listed_and_can_be_read(client, folder, send):
    send("Please confirm", html="<p>Hello <a href='http://crm.example/x'>there</a></p>")
    listing = client.page("/dev/mailbox/").text
    assert "Please confirm" in listing
    assert "carol@mail.example" in listing
    page = client.page(f"/dev/mailbox/{name_of_newest(folder)}").text
    assert 'href="http://crm.example/confirm/abc"' in page


def test_the_newest_mail_stands_first_and_the_search_narrows(client, folder, send):
    send("First", to="a@mail.example")
    send("Second", to="b@mail.example")
    listing = client.page("/dev/mailbox/").text
    assert listing.index("Second") < listing.index("First")
    narrowed = client.page("/dev/mailbox/?q=a@MAIL").text
    assert "First" in narrowed
    assert "Second" not in narrowed


def test_the_html_part_may_do_nothing_in_its_frame(client, folder, send):
    send("Evil", html="<script>alert(1)</script>")
    response = client.get(f"/dev/mailbox/{name_of_newest(folder)}/html")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy


def test_names_that_are_no_mails_are_not_found(client, folder, send):
    (folder.parent / "secret.eml").write_text("secret")
    for name in ("..%2Fsecret", "1", "0" * 20 + "-00000000"):
        assert client.get(f"/dev/mailbox/{name}").status_code == 404


def test_the_mailbox_can_be_emptied(client, folder, send):
    send("Gone soon")
    assert "No mail yet" in client.send("/dev/mailbox/clear").text


def test_only_the_newest_mails_are_kept(folder, send):
    for number in range(3):
        send(f"Mail {number}")
    mailbox.forget(folder, kept=2)
    assert [mail.header("Subject") for mail in mailbox.listed(folder, 1).rows] == ["Mail 2", "Mail 1"]


def test_outside_of_development_there_is_no_mailbox(app, client, folder, send):
    send("Secret")
    name = name_of_newest(folder)
    app.config["DEVELOPMENT"] = False
    for url in ("/dev/mailbox/", f"/dev/mailbox/{name}", f"/dev/mailbox/{name}/html"):
        assert client.get(url).status_code == 404


def test_a_login_meant_for_the_relay_to_come_does_not_keep_the_mail_from_being_caught(folder):
    controller = mailbox.server(folder)
    controller.start()
    with smtplib.SMTP("127.0.0.1", controller.port) as smtp:
        smtp.login("relay-user", "relay-password")
        smtp.sendmail("news@bridgeway.example", "carol@mail.example", "Subject: Caught\n\nHello")
    controller.stop()
    assert mailbox.listed(folder, 1).rows[0].header("subject") == "Caught"
