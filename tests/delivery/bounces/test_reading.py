"""What is read out of mails: the samples of tests/corpora/bounces, and mails that nobody would write by hand."""

import random

import pytest

from crm.delivery.bounces import classes, files, reading
from tests.delivery.bounces.samples import FOLDER, ORDINARY, complaint, dsn, mail, mutated

# class, status and recipient of each finding
EXPECTED = {
    "a_person_answers_about_a_bounce": "none - -",
    "a_person_asks": "none - -",
    "arf_abuse": "complaint - amina@mail.example",
    "arf_auth_failure": "none - amina@mail.example",
    "arf_not_spam": "none - amina@mail.example",
    "arf_redacted": "complaint - -",
    "challenge": "auto_reply - -",
    "delivered_notice": "none - amina@mail.example",
    "dsn_in_base64": "hard 5.1.1 amina@mail.example",
    "exchange_disabled": "hard 5.2.1 amina@mail.example",
    "exchange_too_large": "soft 5.2.3 amina@mail.example",
    "exchange_unknown": "hard 5.1.10 amina@mail.example",
    "exim_retry_timeout": "soft - amina@mail.example",
    "exim_unknown_user": "hard - amina@mail.example",
    "exim_warning": "soft 5.1.1 amina@mail.example",
    "gateway_permanent_but_temporary_reply": "soft 4.3.0 amina@mail.example",
    "global_status": "hard 5.1.1 jos��@mail.example",
    "gmail_disabled_for_mac": "hard 5.2.1 amina@mail.example",
    "no_from_header": "hard 5.1.1 -",
    "outlook_low_reputation": "block 5.7.515 amina@mail.example",
    "postfix_blocked_list": "block 5.7.1 amina@mail.example",
    "postfix_delayed": "soft 4.4.1 amina@mail.example",
    "postfix_dmarc": "block 5.7.26 amina@mail.example",
    "postfix_domain_not_found": "hard 5.4.4 amina@mail.example",
    "postfix_expired": "soft 4.4.1 amina@mail.example",
    "postfix_full_under_a_hard_status": "soft 5.1.1 amina@mail.example",
    "postfix_greylisted_until_expired": "block 4.7.1 amina@mail.example",
    "postfix_mailbox_full": "soft 5.2.2 amina@mail.example",
    "postfix_no_route_in_a_loop": "soft 5.4.4 amina@mail.example",
    "postfix_null_mx": "hard 5.1.10 amina@mail.example",
    "postfix_unknown_user": "hard 5.1.1 amina@mail.example",
    "qmail_no_mailbox": "hard 5.1.1 amina@mail.example",
    "qmail_over_quota": "soft 5.2.2 amina@mail.example",
    "read_receipt": "auto_reply - -",
    "relayed_notice": "none - amina@mail.example",
    "sendmail_generic_status_exact_reply": "hard 5.0.0 amina@mail.example",
    "sendmail_system_full": "soft 5.3.0 amina@mail.example",
    "ses_bounce": "hard 5.1.1 amina@mail.example",
    "text_blocked": "block 5.7.1 -",
    "text_without_a_reason": "soft - -",
    "two_recipients": "soft 4.2.2 berta@mail.example; hard 5.1.1 cyrus@mail.example",
    "unknown_status": "soft 5.5.4 amina@mail.example",
    "vacation": "auto_reply - -",
    "vacation_in_german": "auto_reply - -",
}
SAMPLES = sorted(FOLDER.glob("*.eml"))


def read(octets: bytes) -> list[reading.Finding]:
    one = mail(octets)
    return reading.findings(one, one.parsed())


def told(octets: bytes) -> str:
    return "; ".join(f"{f.kind} {f.status or '-'} {f.recipient or '-'}" for f in read(octets))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_each_sample_is_read_as_what_it_is(path):
    assert told(path.read_bytes()) == EXPECTED[path.stem]


@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_line_ends_make_no_difference(ends):
    for path in SAMPLES:
        plain = path.read_bytes().replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        assert told(plain.replace(b"\n", ends)) == EXPECTED[path.stem], path.stem


@pytest.mark.parametrize("status", ["4.0.0", "4.1.1", "4.2.1", "4.2.2", "4.3.2", "4.4.1", "4.5.0", "4.6.0", "4.7.1"])
def test_no_temporary_status_is_ever_hard(status):
    for text in ("user unknown", "550 5.1.1 user unknown", "", "550 no such user"):
        assert classes.of_refusal([status], 550, text) in (classes.SOFT, classes.BLOCK)
        assert classes.of_refusal([status, "5.1.1"], 550, text) in (classes.SOFT, classes.BLOCK)
        assert classes.of_refusal(["5.1.1", status], 550, text) in (classes.SOFT, classes.BLOCK)


@pytest.mark.parametrize("detail", [0, 1, 2, 3, 7, 8, 13, 25, 26, 27, 28, 29, 509, 515, 606, 708])
def test_a_refusal_for_policy_is_a_block_and_never_hard(detail):
    assert classes.of_refusal([f"5.7.{detail}"], 550, "550 user unknown") == classes.BLOCK
    assert classes.of_refusal(["5.1.1", f"5.7.{detail}"], 550, "user unknown") == classes.BLOCK


@pytest.mark.parametrize("status", ["5.2.2", "5.2.3", "5.3.0", "5.3.4", "5.4.6", "5.5.0", "5.6.1", "5.0.0", "5.1.7"])
def test_a_full_mailbox_and_what_is_unclear_are_soft(status):
    assert classes.of_refusal([status], 552, "refused") == classes.SOFT


@pytest.mark.parametrize("status", ["5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_what_says_that_nobody_is_there_is_hard(status):
    assert classes.of_refusal([status], None, "") == classes.HARD


@pytest.mark.parametrize(
    "text",
    [
        "550 User unknown",
        "550 No such user here",
        "551 user amina not found",
        "553 sorry, no mailbox here by that name",
        "550 The mailbox amina@mail.example does not exist",
        "550 unknown recipient",
        "550 Invalid recipient",
        "550 amina@mail.example recipient unknown",
        "550 <amina@mail.example>: address unknown",
        "550 The email account that you tried to reach does not exist",
        "host mx.mail.example[192.0.2.1] said: 550 unknown user (in reply to RCPT TO command)",
    ],
)
def test_words_and_a_code_make_a_hard_bounce_where_no_status_is_given(text):
    assert classes.of_refusal([], classes.code_in(text), text) == classes.HARD
    assert classes.of_refusal([], 450, text) == classes.SOFT


def test_no_route_means_a_dead_domain_only_where_the_words_say_so():
    assert classes.of_refusal(["5.4.4"], None, "Host or domain name not found") == classes.HARD
    assert classes.of_refusal(["5.4.4"], None, "") == classes.SOFT


BOUNCED = """\
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender

We could not deliver it to amina@mail.example.
{refusal}

> If your mailbox user is no longer active, or an address does not exist, tell us.
> A user unknown to us wrote: 550 user unknown
"""


@pytest.mark.parametrize(
    ("refusal", "kind"),
    [
        ("550 Message content rejected", "soft"),
        ("550 Your message was rejected", "block"),
        ("host mx.mail.example said: 550 user unknown (in reply to end of DATA command)", "soft"),
        ("host mx.mail.example said: 550 user unknown (in reply to RCPT TO command)", "hard"),
        ("  SMTP error from remote mail server after end of data:\n    550 user unknown", "soft"),
        ("  SMTP error from remote mail server after RCPT TO:<amina@mail.example>:\n    550 user unknown", "hard"),
        ("550 5.1.1 no\nThe mailbox is full.", "soft"),
    ],
)
def test_only_the_line_that_refuses_says_by_words_that_nobody_is_there(refusal, kind):
    assert [finding.kind for finding in read(BOUNCED.format(refusal=refusal).encode())] == [kind]


def test_a_complaint_is_one_whatever_the_report_hides():
    assert told(complaint("Message-ID: <x@y.example>")) == "complaint - -"


@pytest.mark.parametrize("kind", ["virus", "Virus", "not-spam", "auth-failure"])
def test_what_a_machine_found_in_a_mail_is_nobodys_complaint(kind):
    octets = complaint("Message-ID: <x@y.example>").replace(b"Feedback-Type: abuse", f"Feedback-Type: {kind}".encode())
    assert told(octets) == "none - -"


def test_an_ordinary_mail_is_no_bounce():
    assert told(ORDINARY.encode()) == "none - -"
    assert told(b"") == "none - -"


def test_a_mail_is_read_to_its_first_megabyte():
    assert told(dsn() + b"x" * 5_000_000) == "hard 5.1.1 amina@mail.example"


def test_nests_of_parts_are_not_followed_for_ever():
    nest = b"".join(b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (n, n) for n in range(5000))
    assert told(nest) == "none - -"
    assert told(b"Content-Type: message/rfc822\n\n" * 5000) == "none - -"


@pytest.mark.parametrize(
    "octets",
    [
        dsn().replace(b"boundary=", b"a=b;" * 250_000 + b"boundary="),
        dsn().replace(b"multipart/report;", b"multipart/report;\n" + b" a=b;\n" * 200_000),
        dsn().replace(b"\n\n--b\nContent-Type: text/rfc", b"\n\nAction: failed" * 60_000 + b"\n\n--b\nContent-Type: x"),
        b"From: MAILER-DAEMON@x.example\n\n" + b"\n" * 1_000_000,
    ],
    ids=["parameters", "folded parameters", "recipients", "lines"],
)
def test_what_is_made_to_cost_time_is_cut(octets):
    read_mail = mail(octets)
    assert read_mail.octets.count(b"\n") < 50_000
    assert max(len(value) for value in read_mail.parsed().values()) <= 4000
    assert len(read(octets)) <= 50


def test_mutated_mails_raise_nothing():
    dice = random.Random(3464)
    originals = [path.read_bytes() for path in SAMPLES]
    for number in range(1500):
        assert read(mutated(dice, originals)), number


def test_files_of_each_kind_give_their_mails(tmp_path):
    octets = [dsn(status) for status in ("5.1.1", "4.2.2")]
    (tmp_path / "one.eml").write_bytes(b"From daemon Mon Nov  2\n" + octets[0])
    box = b"".join(b"From daemon Mon Nov  2 09:00:00 2026\n" + one + b"\n>From here on\n\n" for one in octets)
    (tmp_path / "box").write_bytes(box)
    for name, one in zip(("cur", "new"), octets, strict=True):
        (tmp_path / "maildir" / name).mkdir(parents=True)
        (tmp_path / "maildir" / name / "1.host").write_bytes(one)
    (tmp_path / "folder" / "deep").mkdir(parents=True)
    (tmp_path / "folder" / "deep" / "a.eml").write_bytes(octets[0])
    (tmp_path / "folder" / "notes.txt").write_bytes(octets[1])

    def statuses(path):
        return [reading.findings(one, one.parsed())[0].status for one in files.mails(tmp_path / path)]

    assert statuses("one.eml") == ["5.1.1"]
    assert statuses("box") == ["5.1.1", "4.2.2"]
    assert statuses("maildir") == ["4.2.2", "5.1.1"]
    assert statuses("folder") == ["5.1.1"]
    assert [one.name.rpartition("#")[2] for one in files.mails(tmp_path / "box")] == ["1", "2"]
    assert b"\nFrom here on" in next(files.mails(tmp_path / "box")).octets
