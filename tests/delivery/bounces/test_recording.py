"""What a bounce does to an address: the rules of suppression."""

import random
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import func, select

from crm.delivery import outbox, suppression
from crm.delivery.bounces.models import Bounce
from crm.extensions import db
from tests.delivery.bounces.samples import FOLDER, ORDINARY, arrives, complaint, dsn, mutated, sent, verp

AMINA = "amina@mail.example"


def effects() -> list[str]:
    return list(db.session.scalars(select(Bounce.effect).order_by(Bounce.id)))


def test_one_hard_bounce_suppresses_and_stops_what_waits(app):
    delivery = sent()
    waiting = sent(kind="transactional")
    waiting.state = "queued"
    arrives(dsn(to=verp(delivery)))
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}
    db.session.refresh(waiting)
    assert waiting.state == "suppressed"
    assert effects() == ["suppressed"]


def test_the_address_that_we_wrote_to_is_blocked_and_not_the_one_it_forwards_to(app):
    arrives(dsn(to=verp(sent()), recipient="her-new-one@else.example"))
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}
    assert suppression.reasons("her-new-one@else.example") == {}


def test_one_complaint_suppresses_everywhere_and_staff_cannot_lift_it(app):
    delivery = sent()
    arrives(dsn(to=verp(delivery)))
    arrives(complaint(f"Return-Path: <{verp(delivery)}>"))
    assert suppression.reasons(AMINA) == {"*": "complaint"}
    assert suppression.blocks(AMINA, "research", "transactional")
    arrives(dsn("5.1.10", to=verp(sent())))
    assert suppression.reasons(AMINA) == {"*": "complaint"}


@pytest.mark.parametrize("status", ["4.1.1", "4.2.2", "4.7.1", "5.2.2", "5.2.3", "5.3.0", "5.7.1", "5.7.26", "5.5.0"])
def test_what_is_not_hard_leaves_the_address_alive(app, status):
    arrives(dsn(status, to=verp(sent())))
    assert suppression.reasons(AMINA) == {}
    assert effects() == ["counted"]


def test_a_delay_leaves_the_address_alive_whatever_its_status(app):
    arrives(dsn("5.1.1", to=verp(sent()), action="delayed"))
    assert suppression.reasons(AMINA) == {}


def test_an_alias_of_which_one_mailbox_lives_is_left_alone(app):
    octets = dsn("5.1.1", to=verp(sent()), recipient="one@mail.example")
    second = (
        b"\n\nFinal-Recipient: rfc822; two@mail.example\nAction: failed\nStatus: 4.2.2\n\n--b\nContent-Type: text/rfc"
    )
    arrives(octets.replace(b"\n\n--b\nContent-Type: text/rfc", second))
    assert suppression.reasons(AMINA) == {}


def test_nobody_is_suppressed_who_cannot_be_attributed(app):
    arrives(dsn(recipient="carol@stranger.example"))
    arrives(complaint("Message-ID: <x@y.example>", "carol@stranger.example"))
    assert suppression.reasons("carol@stranger.example") == {}
    assert effects() == ["nothing", "nothing"]


def test_vacations_and_ordinary_mails_do_nothing_and_a_vacation_is_not_kept(app):
    delivery = sent()
    away = f"From: amina@mail.example\nTo: {verp(delivery)}\nSubject: Out of office\n\nI am ill: 550 5.1.1\n"
    arrives(away.encode())
    arrives(ORDINARY.encode())
    assert suppression.reasons(AMINA) == {}
    texts = db.session.scalars(select(Bounce.text).order_by(Bounce.id)).all()
    assert texts[0] == "" and "Lunch" in texts[1]


def test_a_mail_that_is_read_again_does_nothing_again(app):
    octets = dsn(to=verp(sent()))
    arrives(octets)
    suppression.lift(AMINA, by="alice@bridgeway.example", reason="she called")
    db.session.commit()
    arrives(octets)
    assert suppression.reasons(AMINA) == {}
    assert db.session.scalar(select(func.count()).select_from(Bounce)) == 1


def soft(days_ago: float, **values) -> None:
    arrives(dsn("4.2.2", to=verp(sent(days_ago=days_ago, **values))))


def test_five_soft_bounces_on_five_messages_over_14_days_suppress(app):
    for days_ago in (20, 15, 12, 9):
        soft(days_ago)
    assert suppression.reasons(AMINA) == {}
    soft(6)
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}
    assert effects() == ["counted"] * 4 + ["streak"]


def test_five_soft_bounces_within_14_days_do_not(app):
    for days_ago in (13.9, 10, 7, 4, 0):
        soft(days_ago)
    assert suppression.reasons(AMINA) == {}


def test_many_soft_bounces_of_one_message_count_as_one(app):
    delivery = sent(days_ago=20)
    for number in range(9):
        arrives(dsn("4.2.2", f"452 4.2.2 try {number}", to=verp(delivery)))
    for days_ago in (5, 4, 3):
        soft(days_ago)
    assert suppression.reasons(AMINA) == {}


def test_a_copy_that_arrived_in_between_ends_the_streak(app):
    for days_ago in (20, 15):
        soft(days_ago)
    arrived = sent(days_ago=13)
    for days_ago in (12, 9, 6):
        soft(days_ago)
    assert suppression.reasons(AMINA) == {}
    arrives(dsn("4.2.2", to=verp(arrived)))  # It had not arrived after all.
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


def test_copies_that_may_still_come_back_do_not_end_a_streak(app):
    """Two mailings a week, each given up by the relay after five days: the next copy has always left by then."""
    begin = datetime.now(UTC)
    copies = []
    for number in range(8):
        with time_machine.travel(begin + timedelta(days=3.5 * number), tick=False):
            copies.append(sent())
            if number >= 2:
                arrives(dsn("4.4.1", to=verp(copies[number - 2])))
            assert suppression.reasons(AMINA) == ({"*": "hard_bounce"} if number >= 6 else {}), number


def test_delays_do_not_count_because_such_a_copy_may_arrive(app):
    for days_ago in (25, 20, 15, 10, 5, 0):
        arrives(dsn("4.4.1", to=verp(sent(days_ago=days_ago)), action="delayed"))
    assert suppression.reasons(AMINA) == {}
    assert set(effects()) == {"nothing"}


def test_blocks_never_count_towards_a_streak(app):
    for days_ago in (25, 20, 15, 10, 5, 0):
        arrives(dsn("5.7.1", to=verp(sent(days_ago=days_ago))))
    assert suppression.reasons(AMINA) == {}


def test_after_staff_lifted_a_streak_it_begins_anew(app):
    for days_ago in (30, 25, 20, 15, 10):
        soft(days_ago)
    suppression.lift(AMINA, by="alice@bridgeway.example")
    soft(2)
    assert suppression.reasons(AMINA) == {}


def test_a_late_report_about_an_old_copy_does_not_undo_what_staff_lifted(app):
    first, second = sent(days_ago=3), sent(days_ago=2)
    arrives(dsn(to=verp(first)))
    suppression.lift(AMINA, by="alice@bridgeway.example", reason="she has her mailbox back")
    arrives(dsn(to=verp(second)))
    assert suppression.reasons(AMINA) == {}
    arrives(complaint(f"Return-Path: <{verp(second)}>"))
    assert suppression.reasons(AMINA) == {"*": "complaint"}


def test_a_copy_that_left_after_the_lifting_counts_again(app):
    arrives(dsn(to=verp(sent(days_ago=2))))
    suppression.lift(AMINA, by="alice@bridgeway.example", reason="she has her mailbox back")
    arrives(dsn(to=verp(sent())))
    assert suppression.reasons(AMINA) == {"*": "hard_bounce"}


def test_mutated_mails_are_judged_and_written_down_without_an_error(app):
    dice = random.Random(3464)
    originals = [path.read_bytes() for path in sorted(FOLDER.glob("*.eml"))]
    originals += [dsn(to=verp(sent(days_ago=1))), complaint(f"Return-Path: <{verp(sent('berta@mail.example'))}>")]
    for _ in range(300):
        assert arrives(mutated(dice, originals))


def test_controls_in_an_address_do_not_reach_the_database(app):
    head = b"From: MAILER-DAEMON@x.example\nSubject: Undelivered mail\nX-Failed-Recipients: a\x00b@mail.example\n"
    arrives(head + b"\n550 5.1.1 user unknown\n")
    arrives(dsn(recipient="a\x00\ufffe@mail.example"))
    assert set(db.session.scalars(select(Bounce.recipient))) == {""}


def test_hostile_text_is_kept_cut_and_plain(app):
    hostile = "550 5.1.1 <script>alert(1)</script>\x1b[2J\u202e" + "x" * 5000
    arrives(dsn("5.1.1", hostile.replace("\n", " "), to=verp(sent())))
    row = db.session.scalars(select(Bounce)).one()
    assert len(row.diagnostic) <= 500 and len(row.text) <= 4000
    assert not {"\x1b", "\u202e", "\x00"} & set(row.diagnostic + row.text)


def test_a_suppressed_address_gets_nothing_more(app, sink, deliver):
    arrives(dsn(to=verp(sent(kind="transactional"))))
    message = sent("berta@mail.example", kind="transactional").message_id
    outbox.queue(message, AMINA, occasion="again")
    assert deliver() == []
