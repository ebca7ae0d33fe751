"""Due, released, frozen, paused, canceled, finished: each once, whatever restarts."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from crm.base import clock, database, jobs, wall_clock
from crm.contacts.models import Subscription
from crm.delivery import freezing, outbox
from crm.delivery.models import Delivery, Message
from crm.extensions import db
from crm.mailings import audience, checks, releasing, rendering, scheduling
from crm.mailings.models import Mailing, MailingLink
from tests.mailings.makers import make_mailing, make_people


def soon(minutes=0):
    return wall_clock.at(clock.now() + timedelta(minutes=minutes), "America/New_York")


def schedule(mailing, minutes=0):
    scheduling.schedule(mailing, soon(minutes))
    db.session.commit()


def mark(mailing, state):
    rows = db.session.query(Delivery).filter_by(message_id=mailing.message_ids[0])
    rows.update({"state": state})
    db.session.commit()


def reload(mailing):
    db.session.expire_all()
    return db.session.get(Mailing, mailing.id)


def test_a_due_mailing_is_released_and_frozen_once(app):
    people = make_people(7)
    make_people(3, "unsubscribed")
    mailing = make_mailing()
    schedule(mailing)
    for _ in range(3):
        scheduling.release_due()
    mailing = reload(mailing)
    assert mailing.state == "sending"
    assert mailing.frozen_at is not None
    assert db.session.query(Message).count() == 1
    found = db.session.query(Delivery).all()
    assert {row.contact_id for row in found} == {person.id for person in people}
    assert [row.merge for row in found] == [
        {"first_name": "Amina", "share_code": person.share_code} for person in sorted(people, key=lambda one: one.email)
    ]
    assert db.session.query(MailingLink).count() == 2


def test_the_message_carries_list_layout_and_counted_links(app):
    make_people(1)
    mailing = make_mailing(on_uncertain="hold", language="ar")
    schedule(mailing)
    scheduling.release_due()
    message = db.session.query(Message).one()
    assert (message.kind, message.list_id, message.on_uncertain) == ("bulk", "action-alerts", "hold")
    assert 'dir="rtl"' in message.html
    for part in (message.html, message.text):
        assert "12 Harbor Street" in part
        assert "{{ unsubscribe_url }}" in part
        assert "{{ preferences_url }}" in part
        assert part.count("http://crm.example/c/") == 2
    assert "bridgeway.example/sign" not in message.html


def test_links_stay_as_they_are_where_clicks_are_not_counted(app):
    make_people(1)
    schedule(make_mailing(count_clicks=False))
    scheduling.release_due()
    assert "https://bridgeway.example/sign" in db.session.query(Message).one().html
    assert db.session.query(MailingLink).count() == 0


def test_what_is_not_due_stays(app):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing, 30)
    scheduling.release_due()
    assert reload(mailing).state == "scheduled"
    assert db.session.query(Delivery).count() == 0


def test_a_time_in_the_past_is_refused(app):
    make_people(1)
    with pytest.raises(wall_clock.BadTime, match="past"):
        scheduling.schedule(make_mailing(), soon(-2))


def test_what_is_not_ready_is_not_scheduled(app):
    with pytest.raises(checks.NotReady, match="Nobody"):
        scheduling.schedule(make_mailing(), soon())


def test_a_mailing_changed_since_it_was_looked_at_is_not_scheduled(app):
    make_people(1)
    mailing = make_mailing()
    mailing.version = 2
    db.session.commit()
    with pytest.raises(scheduling.OutOfStep, match="changed"):
        scheduling.schedule(mailing, soon(), version=1)


def test_a_release_killed_before_the_ledger_was_complete_is_taken_up_again(app, monkeypatch):
    make_people(5)
    mailing = make_mailing()
    schedule(mailing)
    real = freezing.queue_audience
    monkeypatch.setattr(freezing, "queue_audience", lambda message, query, **_: _half(real, message, query))
    with pytest.raises(KeyboardInterrupt):
        scheduling.release_due()
    db.session.rollback()
    monkeypatch.setattr(freezing, "queue_audience", real)
    assert db.session.query(Delivery).count() == 2
    scheduling.finish()
    assert reload(mailing).state == "sending"
    scheduling.release_due()
    assert db.session.query(Delivery).count() == 5
    assert db.session.query(Message).count() == 1
    assert reload(mailing).frozen_at is not None


def test_two_tickers_release_a_mailing_once(app):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing)
    assert releasing.release(mailing.id) is True
    assert releasing.release(mailing.id) is False
    assert db.session.query(Message).count() == 1


def test_an_audience_that_became_empty_is_held_with_the_reason(app):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing)
    db.session.query(Subscription).update({"state": "unsubscribed"})
    db.session.commit()
    scheduling.release_due()
    mailing = reload(mailing)
    assert mailing.state == "paused"
    assert "Nobody" in mailing.problem
    make_people(1)
    scheduling.resume(mailing)
    db.session.commit()
    scheduling.release_due()
    assert db.session.query(Delivery).count() == 1


def test_a_mailing_found_hours_late_waits_for_a_word(app):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing)
    mailing.scheduled_at = clock.now() - timedelta(hours=7)
    db.session.commit()
    scheduling.release_due()
    mailing = reload(mailing)
    assert mailing.state == "paused"
    assert "six hours" in mailing.problem
    assert db.session.query(Delivery).count() == 0
    scheduling.resume(mailing)
    db.session.commit()
    scheduling.release_due()
    assert db.session.query(Delivery).count() == 1


def test_pause_resume_and_cancel_reach_the_message(app):
    make_people(2)
    mailing = make_mailing()
    schedule(mailing)
    scheduling.release_due()
    mailing = reload(mailing)
    for act, state, message_state in (
        (scheduling.pause, "paused", "paused"),
        (scheduling.resume, "sending", "open"),
        (scheduling.cancel, "canceled", "canceled"),
    ):
        act(mailing)
        db.session.commit()
        assert reload(mailing).state == state
        assert db.session.query(Message.state).scalar() == message_state
    with pytest.raises(scheduling.OutOfStep, match="canceled"):
        scheduling.resume(mailing)
    assert outbox.counts(mailing.message_ids[0])["canceled"] == 2


def test_a_scheduled_mailing_can_be_taken_back(app):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing, 30)
    scheduling.take_back(mailing)
    db.session.commit()
    assert reload(mailing).state == "draft"
    with pytest.raises(scheduling.OutOfStep):
        scheduling.pause(mailing)


def test_it_is_finished_when_nothing_waits_and_uncertain_ones_can_be_decided(app):
    make_people(2)
    mailing = make_mailing()
    schedule(mailing)
    scheduling.release_due()
    scheduling.finish()
    assert reload(mailing).state == "sending"
    mailing = reload(mailing)
    mark(mailing, "uncertain")
    scheduling.finish()
    mailing = reload(mailing)
    assert mailing.state == "finished"
    assert scheduling.send_uncertain_again(mailing) == 2
    db.session.commit()
    assert reload(mailing).state == "sending"
    mailing = reload(mailing)
    mark(mailing, "uncertain")
    assert scheduling.count_uncertain_as_sent(mailing) == 2
    db.session.commit()
    scheduling.finish()
    assert outbox.counts(mailing.message_ids[0])["sent"] == 2
    assert reload(mailing).state == "finished"


def test_one_mailing_that_cannot_be_released_holds_up_no_other(app, monkeypatch):
    make_people(1)
    names = ("First", "Broken", "Last")
    mailings = [make_mailing(subject=name) for name in names]
    for mailing in mailings:
        schedule(mailing)
    real = rendering.render

    def render(mailing, *args, **words):
        if mailing.subject == "Broken":
            raise RuntimeError("no such layout")
        return real(mailing, *args, **words)

    monkeypatch.setattr(rendering, "render", render)
    scheduling.release_due()
    found = {mailing.subject: (mailing.state, mailing.problem) for mailing in map(reload, mailings)}
    problem = scheduling.UNKNOWN_FAULT
    assert found == {"First": ("sending", ""), "Broken": ("paused", problem), "Last": ("sending", "")}
    assert db.session.query(Delivery).count() == 2


def test_one_mailing_that_cannot_be_frozen_holds_up_no_other(app, monkeypatch):
    make_people(1)
    mailings = [make_mailing(subject=name) for name in ("Broken", "Last")]
    for mailing in mailings:
        schedule(mailing)
    real = audience.select_copies

    def select_copies(mailing, *args):
        if mailing.subject == "Broken":
            raise audience.AudienceGone("A segment of this mailing was deleted.")
        return real(mailing, *args)

    monkeypatch.setattr(audience, "select_copies", select_copies)
    scheduling.release_due()
    broken, last = map(reload, mailings)
    assert (broken.state, last.state) == ("paused", "sending")
    assert "was deleted" in broken.problem
    assert db.session.get(Message, *broken.message_ids).state == "paused"
    assert db.session.query(Message.id).join(Delivery).scalar() == last.message_ids[0]


def test_a_database_that_was_away_for_a_moment_holds_nothing(app, monkeypatch):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing)

    def away(_mailing_id):
        raise OperationalError("SELECT secrets", {}, Exception("gone"))

    with monkeypatch.context() as now:
        now.setattr(releasing, "release", away)
        scheduling.release_due()
    assert (reload(mailing).state, reload(mailing).problem) == ("scheduled", "")
    scheduling.release_due()
    assert reload(mailing).state == "sending"


def test_a_mailing_whose_held_copies_are_sent_again_meanwhile_is_not_finished(app, monkeypatch):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing)
    scheduling.release_due()
    mailing = reload(mailing)
    mark(mailing, "uncertain")
    real = database.looking

    @contextmanager
    def looking():
        with real():
            yield
        if real_finished:
            scheduling.send_uncertain_again(db.session.get_one(Mailing, mailing.id))
            db.session.commit()

    real_finished = []
    finished = outbox.finished
    monkeypatch.setattr(outbox, "finished", lambda message_id: real_finished.append(1) or finished(message_id))
    monkeypatch.setattr(database, "looking", looking)
    scheduling.finish()
    assert outbox.counts(mailing.message_ids[0])["queued"] == 1
    assert reload(mailing).state == "sending"


def _half(queue_audience, message, query):
    ids = sorted(row[1] for row in db.session.execute(query))[:2]
    queue_audience(message, query.where(audience.Contact.id.in_(ids)))
    raise KeyboardInterrupt


def test_a_job_releases_and_freezes_a_mailing_that_is_due_and_no_other(app):
    make_people(3)
    due, later = make_mailing(), make_mailing()
    schedule(due)
    schedule(later, minutes=30)
    for mailing in (due, later):
        for _ in range(2):  # A job may run twice.
            scheduling.release_one(mailing.id)
    assert (reload(due).state, reload(later).state) == ("sending", "scheduled")
    assert db.session.query(Delivery).count() == 3


def test_a_job_that_comes_hours_late_releases_nothing(app):
    make_people(1)
    mailing = make_mailing()
    schedule(mailing)
    mailing.scheduled_at = clock.now() - scheduling.TOO_LATE
    db.session.commit()
    scheduling.release_one(mailing.id)
    assert reload(mailing).state == "scheduled"
    scheduling.release_due()
    assert reload(mailing).state == "paused"


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_tick_of_a_worker_that_runs_jobs_leaves_the_freezing_to_a_job(app, monkeypatch):
    make_people(2)
    mailing = make_mailing()
    schedule(mailing)
    monkeypatch.setitem(jobs._process, "runs jobs", True)
    for _ in range(3):
        scheduling.release_due()
    assert db.session.query(Delivery).count() == 0
    names = "SELECT task_name FROM procrastinate_jobs WHERE scheduled_at IS NULL"
    assert list(db.session.scalars(text(names))) == [scheduling.FREEZE]
    scheduling.freeze_one(mailing.id)
    assert db.session.query(Delivery).count() == 2
