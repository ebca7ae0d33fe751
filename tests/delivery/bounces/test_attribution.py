"""Which delivery a bounce is about, and that nobody can name one who has not got the mail."""

import random

import pytest

from crm.delivery import suppression
from crm.delivery.bounces import recording
from tests.delivery.bounces.samples import complaint, dsn, mail, sent, verp
from tests.sending import send_due


def blamed(octets: bytes) -> list[tuple[int | None, str]]:
    verdicts = recording.judge(mail(octets))
    return [(verdict.delivery.id if verdict.delivery else None, verdict.attribution) for verdict in verdicts]


def test_the_signed_envelope_sender_comes_first(app):
    first, second = sent("amina@mail.example"), sent("berta@mail.example")
    returned = f"Message-ID: <{second.id}.{second.uuid}@bridgeway.example>"
    assert blamed(dsn(to=verp(first), recipient="berta@mail.example", returned=returned)) == [(first.id, "verp")]


def test_the_signature_is_found_wherever_a_report_puts_it(app):
    delivery = sent()
    address = verp(delivery)
    for octets in (
        dsn(to=address.upper()),
        dsn(to=f"SRS0=HHH=TT=bounce.example={address.partition('@')[0]}@forwarder.example"),
        dsn(returned=f"Return-Path: <{address}>"),
        b"Delivered-To: " + address.encode() + b"\n" + dsn(),
        complaint(f"Return-Path: <{address}>"),
    ):
        assert blamed(octets) == [(delivery.id, "verp")], octets


def test_our_message_id_in_returned_headers_names_the_delivery(app):
    delivery = sent()
    returned = f"Message-ID: <{delivery.id}.{delivery.uuid}@bridgeway.example>"
    assert blamed(dsn(returned=returned, recipient="forwarded@else.example")) == [(delivery.id, "message_id")]
    assert blamed(complaint(returned)) == [(delivery.id, "message_id")]
    wrong = returned.replace(delivery.uuid, "0" * 32)
    assert blamed(dsn(returned=wrong, recipient="else@mail.example")) == [(None, "none")]


def test_the_providers_tag_outlives_a_relay_that_rewrites_message_id_and_date(app):
    delivery = sent()
    returned = (
        "Message-ID: <0100-rewritten@email.amazonses.example>\nDate: Thu, 1 Jan 1970 00:00:00 +0000\n"
        f"X-SES-MESSAGE-TAGS: delivery={delivery.id}-{delivery.uuid}"
    )
    assert blamed(dsn(returned=returned, recipient="else@mail.example")) == [(delivery.id, "metadata")]


def test_a_recipient_counts_only_where_we_wrote_to_it_in_30_days(app):
    sent("amina@mail.example", days_ago=31)
    assert blamed(dsn()) == [(None, "none")]
    sent("amina@mail.example", days_ago=29)
    latest = sent("amina@mail.example", days_ago=3)
    assert blamed(dsn()) == [(latest.id, "recipient")]
    assert blamed(dsn(recipient="AMINA@mail.example")) == [(latest.id, "recipient")]
    assert blamed(dsn(recipient="carol@stranger.example")) == [(None, "none")]


def test_a_complaint_that_names_only_the_recipient_counts_where_we_wrote_to_it(app):
    delivery = sent()
    assert blamed(complaint("Message-ID: <x@y.example>", "amina@mail.example")) == [(delivery.id, "recipient")]
    assert blamed(complaint("Message-ID: <x@y.example>", "<AMINA@mail.example>")) == [(delivery.id, "recipient")]
    assert blamed(complaint("Message-ID: <x@y.example>", "carol@stranger.example")) == [(None, "none")]


def test_no_forged_signature_is_believed_and_none_falls_back_to_a_recipient(app):
    delivery = sent()
    good = verp(delivery)
    local, _, domain = good.partition("@")
    dice = random.Random(8058)
    for _ in range(200):
        place = dice.randrange(2, len(local))
        forged = local[:place] + dice.choice("0123456789abcdefghijkxyz.") + local[place + dice.randint(0, 1) :]
        if forged != local:
            assert blamed(dsn(to=f"{forged}@{domain}")) == [(None, "none")], forged
    assert blamed(dsn(to=f"{local[:-16]}{'0' * 16}@{domain}")) == [(None, "none")]
    assert not suppression.reasons("amina@mail.example")


def test_numbers_beyond_all_bounds_are_no_deliveries(app):
    for number in (2**31, 10**17, 10**18 - 1, 2**63, 10**30):
        returned = f"Message-ID: <{number}.{'a' * 32}@bridgeway.example>\nX-PM-Metadata-delivery: {number}-{'a' * 32}"
        assert blamed(dsn(returned=returned, recipient="x@y.example")) == [(None, "none")]


@pytest.mark.parametrize("provider", ["", "ses", "postmark", "sendgrid", "mailgun"])
def test_a_mail_that_really_went_out_is_recognized_by_each_mark_it_carries(app, sink, provider):
    app.config.update(BOUNCE_DOMAIN="bounce.example", MAIL_PROVIDER=provider)
    delivery = sent("someone@mail.example")
    delivery.state = "queued"
    send_due(app)
    went = sink["someone@mail.example"]
    assert blamed(dsn(to=went.sender, recipient="x@y.example")) == [(delivery.id, "verp")]
    head = went.raw.decode().replace("\r\n", "\n").partition("\n\n")[0]
    assert blamed(dsn(returned=head, recipient="x@y.example")) == [(delivery.id, "message_id")]
    rewritten = "\n".join(line for line in head.split("\n") if not line.startswith(("Message-ID", "Date")))
    how = [(delivery.id, "metadata")] if provider else [(None, "none")]
    assert blamed(dsn(returned=rewritten, recipient="x@y.example")) == how
