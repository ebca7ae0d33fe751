"""A restored copy sends nothing until staff say so; then all that was not sent goes out, and none is lost."""

import threading
import time
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, insert, select

from bench import kill_trial
from bench.counting_sink import CountingSink
from bench.stage import Installation, child_environment
from crm import timetable
from crm.accounts.models import StaffSession
from crm.base import clock, limits
from crm.base.models import AuditEntry
from crm.contacts.models import SignUp
from crm.delivery import outbox
from crm.delivery.models import Delivery, Message
from crm.delivery.sender import installation_id, journal_folder
from crm.delivery.ticker import Guard, Ticker
from crm.extensions import db, mail
from crm.mailings import scheduling
from crm.mailings.models import Mailing
from crm.mailings.waves.models import MailingWave
from crm.site.backup import making, restoring
from crm.transfer.models import RUNNING, STOPPED, ImportRun
from tests import factories
from tests.delivery.test_outbox import make_message
from tests.mailings.makers import make_mailing, make_people
from tests.mailings.test_scheduling import schedule
from tests.sending import send_due

PEOPLE = 300
WAIT = 120


def tick(app: Flask) -> None:
    """Run every recurring job once."""
    db.session.commit()
    ticker = Ticker(app, timetable.JOBS, Guard(db.engine, journal_folder(app, installation_id(db.engine))))
    ticker.tick_all()
    ticker.guard.release()


def restored_here(tmp_path) -> restoring.Restored:
    made = making.create(tmp_path / "backups")
    return restoring.restore(made.file)


def the_mailing() -> Mailing:
    return db.session.query(Mailing).populate_existing().one()


def states() -> dict[str, int]:
    return dict(db.session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all())


@pytest.mark.slow
def test_a_backup_in_the_middle_of_a_mailing_sends_nothing_by_itself_and_loses_nobody(app, fresh, tmp_path):
    """The same drill with 20,000 people is bench/restore_drill.py."""
    people = {person.email for person in make_people(PEOPLE)}
    schedule(make_mailing())
    scheduling.release_due()
    mailing_id = the_mailing().id
    db.session.commit()  # Or this process keeps SQLite's one write lock from the sender.
    with CountingSink(delay=0.05) as first:
        installation = environment(app, first)
        installation.start("sender", **kill_trial.QUIET)
        assert kill_trial.until(lambda: first.accepted >= PEOPLE // 4, WAIT)
        made = making.create(tmp_path / "backups")
        installation.end()
    db.session.remove()
    with CountingSink() as second, fresh.app_context():
        restored = restoring.restore(made.file)
        before = states()
        assert restored.held["mailings that wait for your word"] == 1
        assert before.keys() <= {"sent", "queued", "uncertain"}
        assert before["sent"] < first.accepted < PEOPLE
        db.session.remove()
        assert environment(fresh, second).start("worker", "--until-idle", **kill_trial.QUIET).wait(WAIT) == 0
        assert second.accepted == 0
        assert states() == before
        confirm(mailing_id)
        fresh.config.update(MAIL_SERVER="127.0.0.1", MAIL_PORT=second.port)
        mail.init_app(fresh)
        send_due(fresh)
        tick(fresh)
        assert states() == {"sent": PEOPLE}
        assert the_mailing().state == "finished"
    assert set(second.copies.values()) == {1}
    assert len(second.copies) == PEOPLE - before["sent"]
    assert set(first.copies) | set(second.copies) == people


def environment(app: Flask, sink: CountingSink) -> Installation:
    names = ("DATABASE_URL", "INSTANCE_PATH", "SECRET_KEY", "PUBLIC_URL")
    relay = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(sink.port), "MAIL_USE_TLS": "false"}
    return Installation(app, child_environment(**{name: app.config[name] for name in names}, **relay))


def confirm(mailing_id: int) -> None:
    """As staff do: go on, and send again what was on its way."""
    mailing = db.session.get(Mailing, mailing_id)
    scheduling.resume(mailing)
    scheduling.send_uncertain_again(mailing)
    db.session.commit()


def test_what_was_on_its_way_is_uncertain_and_what_waited_waits(app, sink, tmp_path):
    make_people(4)
    mailing = make_mailing()
    schedule(mailing)
    scheduling.release_due()
    first = db.session.query(Delivery).order_by(Delivery.id).first()
    first.state, first.owner, first.lease_until = "in_flight", "somebody", clock.now()
    db.session.commit()
    restored_here(tmp_path)
    assert states() == {"queued": 3, "uncertain": 1}
    held = db.session.query(Delivery).filter_by(state="uncertain").one()
    assert (held.owner, held.lease_until, "on its way" in held.smtp_reply) == (None, None, True)
    mailing = the_mailing()
    assert (mailing.state, "was being sent" in mailing.problem) == ("paused", True)
    tick(app)
    send_due(app)
    tick(app)
    assert sink.mails == []
    assert the_mailing().state == "paused"


@pytest.mark.parametrize("mode", ["resend", "hold"])
def test_a_mailing_that_goes_on_sends_each_copy_once(app, sink, tmp_path, mode):
    make_people(3)
    mailing = make_mailing(on_uncertain=mode)
    schedule(mailing)
    scheduling.release_due()
    db.session.query(Delivery).order_by(Delivery.id).first().state = "in_flight"
    db.session.commit()
    restored_here(tmp_path)
    scheduling.resume(the_mailing())
    db.session.commit()
    send_due(app)
    if mode == "hold":
        assert states() == {"sent": 2, "uncertain": 1}
        scheduling.send_uncertain_again(the_mailing())
        send_due(app)
    assert sorted(one.recipient for one in sink.mails) == sorted(db.session.scalars(select(Delivery.address)))


def test_a_scheduled_mailing_waits_for_staff_who_send_or_cancel_it(app, sink, tmp_path):
    make_people(2)
    mailing = make_mailing()
    schedule(mailing, 30)
    restored_here(tmp_path)
    mailing = the_mailing()
    assert (mailing.state, "may have gone out since" in mailing.problem) == ("paused", True)
    mailing.scheduled_at = clock.now()
    db.session.commit()
    tick(app)
    send_due(app)
    assert sink.mails == []
    scheduling.resume(the_mailing())
    db.session.commit()
    tick(app)
    send_due(app)
    assert len(sink.mails) == 2


def test_a_mailing_whose_ledger_was_half_written_is_completed_once_it_goes_on(app, sink, tmp_path):
    make_people(3)
    mailing = make_mailing()
    schedule(mailing)
    scheduling.release_due()
    mailing = the_mailing()
    mailing.frozen_at = None
    db.session.query(MailingWave).update({"frozen_at": None})
    db.session.delete(db.session.query(Delivery).first())
    db.session.commit()
    restored_here(tmp_path)
    tick(app)
    assert states() == {"queued": 2}
    scheduling.resume(the_mailing())
    db.session.commit()
    tick(app)
    send_due(app)
    assert len(sink.mails) == 3


def test_letters_wait_under_uncertain_and_new_ones_of_the_same_text_go(app, sink, tmp_path):
    message = make_message(kind="transactional")
    for state in ("queued", "deferred", "in_flight", "uncertain", "sent"):
        number = outbox.queue(message, f"{state}@mail.example")
        db.session.get(Delivery, number).state = state
    db.session.commit()
    restored = restored_here(tmp_path)
    assert restored.held["letters that are held under Delivery, Uncertain"] == 4
    assert states() == {"uncertain": 4, "sent": 1}
    outbox.queue(message.id, "new@mail.example")
    send_due(app)
    assert [one.recipient for one in sink.mails] == ["new@mail.example"]
    outbox.resend_uncertain(message.id)
    send_due(app)
    assert len(sink.mails) == 5


def test_held_copies_of_a_finished_mailing_can_still_be_sent(app, sink, tmp_path):
    message = make_message(on_uncertain="hold")
    number = outbox.queue(message, "amina@mail.example")
    db.session.get(Delivery, number).state = "uncertain"
    db.session.commit()
    restored_here(tmp_path)
    assert db.session.get(Message, message.id).state == "open"
    send_due(app)
    assert sink.mails == []
    outbox.resend_uncertain(message.id)
    send_due(app)
    assert len(sink.mails) == 1


def test_nobody_is_reminded_twice_stays_logged_in_or_imported(app, sink, alice, client_of, tmp_path):
    client_of(alice)
    contact = factories.make_contact(topics={"action-alerts": "pending"})
    sign_up = {"state": "open", "mail": "confirm", "language": "en", "typed": {}, "topics": ["action-alerts"]}
    old = clock.now() - timedelta(hours=49)
    factories.add(SignUp(contact_id=contact.id, form_digest="x", created_at=old, **sign_up))
    plain = {
        "encoding": "utf-8",
        "separator": ",",
        "header": ["email"],
        "mapping": ["email"],
        "program": "",
        "total": 9,
    }
    run = {"created_by": "x", "filename": "x.csv", "topics": [], "expected": {}, "counts": {}, "state": RUNNING}
    factories.add(ImportRun(**plain, **run))
    db.session.commit()
    restored_here(tmp_path)
    tick(app)
    send_due(app)
    assert sink.mails == []
    assert db.session.query(StaffSession).count() == 0
    assert db.session.query(ImportRun.state).scalar() == STOPPED


def test_what_must_be_held_is_held_in_the_transaction_that_restores(app, tmp_path, monkeypatch):
    make_people(1)
    schedule(make_mailing())
    made = making.create(tmp_path / "backups")
    later = factories.make_contact("later@mail.example")
    db.session.commit()
    broken = restoring.registries.Hold("breaks", lambda _: 1 // 0)
    monkeypatch.setitem(restoring.registries.holds._entries, "breaks", broken)
    with pytest.raises(ZeroDivisionError):
        restoring.restore(made.file)
    db.session.rollback()
    assert db.session.get(type(later), later.id, populate_existing=True).email == "later@mail.example"


def test_writers_do_not_wait_for_a_backup(app, tmp_path):
    entries = [
        {"actor": "x", "verb": "v", "thing": "t", "changes": {"n": n}, "reason": "r" * 500} for n in range(20_000)
    ]
    db.session.execute(insert(AuditEntry), entries)
    db.session.commit()
    done, waits = threading.Event(), []

    def write() -> None:
        with app.app_context():
            while not done.wait(0.002):
                began = time.monotonic()
                limits.count("written meanwhile", timedelta(days=1))
                db.session.commit()
                waits.append(time.monotonic() - began)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        making.create(tmp_path / "backups")
    finally:
        done.set()
        writer.join()
    assert len(waits) > 5
    assert max(waits) < 1
