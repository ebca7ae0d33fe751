"""Digests: each time once, what is new since the last, by the way of every mailing; none where nothing is new."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock, registries, wall_clock
from crm.base.changes import Refused
from crm.base.digest_news import News, NewsItem, news
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import composing, scheduling
from crm.mailings.approval import approving, people, rules
from crm.mailings.archive import archiving
from crm.mailings.digests import editing, making, moments
from crm.mailings.digests.models import Digest, DigestIssue
from crm.mailings.models import Mailing
from tests import factories
from tests.contacts.people import hidden
from tests.mailings.composer.makers import form_of
from tests.mailings.makers import make_mailing, make_people, make_segment, topic_id
from tests.mailings.test_holding import told

MONDAY = datetime(2026, 11, 30, 14, tzinfo=UTC)  # 9 o'clock in New York.


@pytest.fixture
def clocks():
    with time_machine.travel(MONDAY - timedelta(days=3), tick=False) as clocks:
        yield clocks


@pytest.fixture
def items(app, monkeypatch) -> list[NewsItem]:
    """What is new, by hand."""
    found: list[NewsItem] = []
    entry = News("Papers", lambda since, until, language: [one for one in found if since <= one.at < until])
    monkeypatch.setattr(news, "_entries", {"papers": entry})
    return found


@pytest.fixture
def digest(clocks, items, alice) -> Digest:
    """A weekly one, live since Friday, to one subscriber."""
    make_people(1)
    return make_digest(alice)


def make_digest(user, **values) -> Digest:
    row = Digest(state="draft")
    defaults = {"name": "Weekly", "topic_id": topic_id(), "segment_id": None, "rhythm": "weekly", "weekday": 0}
    defaults |= {"monthday": 1, "minute": 540, "zone": "America/New_York", "subject_en": "This week"}
    editing.save(row, {**defaults, "intro_en": "Dear all,\n\nread <this>.", **values}, 1)
    editing.start(row, user, row.version)
    db.session.commit()
    return row


def paper(title: str, days_ago: float = 0) -> NewsItem:
    return NewsItem(title, "In short", "/resources/paper", clock.now() - timedelta(days=days_ago))


def run() -> list[tuple[str, int]]:
    making.work()
    making.work()
    db.session.expire_all()
    return [(one.state, one.items) for one in db.session.scalars(select(DigestIssue).order_by(DigestIssue.id))]


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("subject_es", "Noticias {{ nope }}", "{{ nope }} is not a merge field"),
        ("subject_en", "News {{ unsubscribe_url }}", "is a link, which the subject cannot hold"),
        ("intro_en", "Dear {{ nope }},", "{{ nope }} is not a merge field"),
        ("intro_en", "From {{ city }}", "1 recipient has no city"),
    ],
)
def test_words_that_would_hold_it_back_are_refused_beside_their_field(digest, as_alice, field, typed, says):
    path = f"/staff/digests/{digest.id}/edit"
    page = as_alice.send(path, form_of(as_alice.page(path).text, "digest-form") | {field: typed})
    assert says in page.text
    assert f'href="#{field}"' in page.text
    db.session.expire_all()
    assert (digest.subjects, digest.version) == ({"en": "This week"}, 2)


def test_a_digest_whose_words_broke_since_it_was_saved_is_not_started(digest, alice):
    editing.pause(digest)
    digest.subjects = {"en": "News {{ nope }}"}
    with pytest.raises(Refused, match="is not a merge field"):
        editing.start(digest, alice, digest.version)


def test_it_goes_out_once_each_time_with_what_is_new_since_the_last(digest, items, clocks, sink, deliver):
    items += [paper("Of last month", 30), paper("Idle skills & more")]
    assert run() == []
    clocks.move_to(MONDAY)
    assert run() == [("scheduled", 1)]
    scheduling.release_due()
    (mail,) = deliver()
    assert mail.subject == "This week" and "Idle skills & more" in mail.text and "read <this>." in mail.text
    assert "Of last month" not in mail.text and "/c/" in mail.text
    clocks.move_to(MONDAY + timedelta(days=7))
    items.append(paper("The next one", 1))
    assert run() == [("scheduled", 1), ("scheduled", 1)]
    assert db.session.query(Mailing).count() == 2
    assert "Idle" not in db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first().preheader


def test_one_without_anything_new_is_skipped_and_shown(digest, clocks, client_of, alice):
    clocks.move_to(MONDAY)
    assert run() == [("skipped", 0)] and db.session.query(Mailing).count() == 0
    assert "Skipped: nothing was new" in client_of(alice).page(f"/staff/digests/{digest.id}").text


def test_its_page_shows_as_new_what_the_next_issue_will_tell(digest, items, clocks, client_of, alice):
    clocks.move_to(MONDAY)
    run()
    editing.pause(digest)
    clocks.move_to(MONDAY + timedelta(days=10))
    items.append(paper("Written while it was paused", 5))
    assert "Written while it was paused" in client_of(alice).page(f"/staff/digests/{digest.id}").text
    editing.start(digest, alice, digest.version)
    db.session.commit()
    clocks.move_to(MONDAY + timedelta(days=14))
    assert run() == [("skipped", 0), ("scheduled", 1)]


def test_what_stops_between_making_and_sending_goes_on_with_the_same_mailing(digest, items, clocks, monkeypatch):
    items.append(paper("Idle skills"))
    clocks.move_to(MONDAY)
    with monkeypatch.context() as broken:
        broken.setattr(composing.links, "ask", lambda _: 1 / 0)
        assert run() == [] and db.session.query(Mailing).count() == 0
    with monkeypatch.context() as broken:
        broken.setattr(scheduling.gate, "passed", lambda *_: 1 / 0)
        assert run() == [("made", 1)]
    assert run() == [("scheduled", 1)]
    assert [one.state for one in db.session.scalars(select(Mailing))] == ["scheduled"]


def test_it_waits_for_the_approval_that_it_needs_and_then_goes_by_itself(digest, items, clocks, oscar):
    rules.save(rules.row(), {"approval_over": 0}, rules.current().version)
    db.session.commit()
    items.append(paper("Idle skills"))
    clocks.move_to(MONDAY)
    assert run() == [("made", 1)]
    (mailing,) = db.session.scalars(select(Mailing)).all()
    assert mailing.state == "draft" and approving.standing(mailing).asked
    assert db.session.scalar(select(Delivery.id).where(Delivery.address == oscar.email)) is not None
    approving.approve(mailing, oscar, "", mailing.version)
    db.session.commit()
    assert run() == [("scheduled", 1)]


def test_who_rewrote_a_live_digest_does_not_approve_what_they_wrote(digest, items, clocks, client_of, oscar, alice):
    carol = factories.make_user("admin", email="carol@bridgeway.example")
    rules.save(rules.row(), {"approval_over": 0}, rules.current().version)
    db.session.commit()
    url = f"/staff/digests/{digest.id}/edit"
    typed = {"name": "Weekly", "topic_id": topic_id(), "segment_id": "", "rhythm": "weekly", "weekday": "0"}
    typed |= {"monthday": "1", "at": "09:00", "zone": "America/New_York", "subject_en": "By Carol"}
    client_of(carol).send(url, {**hidden(client_of(carol).page(url).text), **typed})
    items.append(paper("Idle skills"))
    clocks.move_to(MONDAY)
    run()
    (mailing,) = db.session.scalars(select(Mailing)).all()
    assert mailing.subject == "By Carol" and people.approvers(mailing) == [oscar]
    clocks.move_to(MONDAY + timedelta(hours=1))  # After this issue was made, and before it is approved.
    client_of(alice).send(url, {**hidden(client_of(alice).page(url).text), **typed, "subject_en": "By Alice"})
    approving.approve(mailing, oscar, "", mailing.version)
    db.session.commit()
    items.append(paper("The next one", -1))
    clocks.move_to(MONDAY + timedelta(days=7))
    run()
    later = db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first()
    assert later.subject == "By Alice" and set(people.approvers(later)) == {carol, oscar}


@pytest.mark.parametrize("changed", [{"minute": 525}, {"zone": "America/Halifax"}, {"weekday": 6}])
def test_a_live_one_whose_day_or_hour_is_changed_does_not_come_for_a_time_that_is_over(digest, items, clocks, changed):
    clocks.move_to(MONDAY - timedelta(minutes=10))
    items.append(paper("Idle skills", 1))
    names = ("name", "topic_id", "segment_id", "rhythm", "weekday", "monthday", "minute", "zone")
    values = {name: getattr(digest, name) for name in names} | changed
    editing.save(digest, values, digest.version)
    db.session.commit()
    assert run() == []
    clocks.move_to(moments.following(digest, clock.now()))
    assert run() == [("scheduled", 1)]


def test_a_live_one_whose_words_are_changed_still_comes_for_the_time_that_was_due(digest, items, clocks):
    clocks.move_to(MONDAY + timedelta(minutes=1))
    items.append(paper("Idle skills", 1))
    names = ("name", "topic_id", "segment_id", "rhythm", "weekday", "monthday", "minute", "zone")
    values = {name: getattr(digest, name) for name in names}
    editing.save(digest, values | {"intro_en": "Dear friends,"}, digest.version)
    db.session.commit()
    assert run() == [("scheduled", 1)]


def test_what_was_made_before_a_backup_and_may_have_gone_out_waits_for_a_word(
    digest, items, clocks, client_of, alice, oscar
):
    rules.save(rules.row(), {"approval_over": 0}, rules.current().version)
    db.session.commit()
    items.append(paper("Idle skills"))
    clocks.move_to(MONDAY)
    assert run() == [("made", 1)]
    (hold,) = [one for one in registries.holds if one.table == "digest"]
    hold.hold(clock.now())
    rules.save(rules.row(), {"approval_over": None}, rules.current().version)
    db.session.commit()
    assert run() == [("held", 1)]
    assert db.session.scalars(select(Mailing.state)).all() == ["draft"]
    assert "may have gone out since" in client_of(alice).page(f"/staff/digests/{digest.id}").text


def test_one_that_comes_too_late_or_may_not_go_waits_for_a_word(digest, items, clocks, client_of, alice):
    items.append(paper("Idle {{ skills }}"))
    clocks.move_to(MONDAY + timedelta(hours=5))
    assert run() == [("held", 1)]
    clocks.move_to(MONDAY + timedelta(days=7, hours=7))
    items.append(paper("Late", 1))
    assert run() == [("held", 1), ("held", 1)]
    assert told("An issue of a digest is held") == [alice.email] * 2
    text = client_of(alice).page(f"/staff/digests/{digest.id}").text
    assert "It was due over six hours ago" in text and "skills" in text
    assert [one.state for one in db.session.scalars(select(Mailing))] == ["draft", "draft"]


def test_days_are_those_of_its_zone_and_of_short_months_the_last(app):
    digest = Digest(rhythm="monthly", monthday=31, minute=9 * 60, zone="America/New_York")
    at = datetime(2027, 2, 28, 13, 59, tzinfo=UTC)
    assert moments.latest(digest, at) == datetime(2027, 1, 31, 14, tzinfo=UTC)
    assert moments.following(digest, at) == datetime(2027, 2, 28, 14, tzinfo=UTC)
    assert moments.following(digest, moments.following(digest, at)) == datetime(2027, 3, 31, 13, tzinfo=UTC)
    digest = Digest(rhythm="weekly", weekday=6, minute=150, zone="America/New_York")
    assert moments.following(digest, datetime(2027, 3, 13, tzinfo=UTC)) == datetime(2027, 3, 14, 7, 30, tzinfo=UTC)


def test_it_comes_in_each_language_that_has_a_subject_with_the_thought_leadership_of_the_archive(clocks, app, alice):
    make_people(1)
    made = make_mailing(kind="thought_leadership", subject="Idle skills", preheader="A map")
    scheduling.schedule(made, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    assert archiving.place_of(db.session.get_one(Mailing, made.id)).published_at
    make_digest(alice, subject_es="Esta semana")
    clocks.move_to(MONDAY)
    assert run() == [("scheduled", 1)]
    mailing = db.session.scalars(select(Mailing).order_by(Mailing.id.desc())).first()
    assert [one.subject for one in mailing.texts] == ["Esta semana"]
    headings = [block["text"] for block in mailing.texts[0].blocks if block["kind"] == "heading"]
    assert headings == ["Esta semana", "Publicado recientemente"]


def test_staff_write_start_pause_and_delete_it(as_alice, as_bob, app):
    typed = {"name": "Weekly", "topic_id": topic_id(), "segment_id": "", "rhythm": "weekly", "weekday": "0"}
    typed |= {"monthday": "1", "at": "09:00", "zone": "America/New_York"}
    text = as_alice.send("/staff/digests/new", typed).text
    assert "Write a subject in one language at least." in text
    as_alice.send("/staff/digests/new", typed | {"subject_en": "This week"})
    (digest,) = db.session.scalars(select(Digest)).all()
    path = f"/staff/digests/{digest.id}"
    as_bob.send(f"{path}/start", status=403)
    as_alice.send(f"{path}/start", {"version": "7"})
    assert digest.state == "draft"
    as_alice.send(f"{path}/start", {"version": str(digest.version)})
    assert db.session.get_one(Digest, digest.id, populate_existing=True).state == "live"
    assert "Weekly" in as_bob.page("/staff/digests/").text and "Every Monday, 09:00" in as_bob.page(path).text
    (hold,) = [one for one in registries.holds if one.table == "digest"]
    assert hold.hold(clock.now()) == 1
    db.session.commit()
    assert "It was live when the backup of" in as_alice.page(path).text
    as_alice.send(f"{path}/delete")
    assert db.session.query(Digest).count() == 0


def test_a_segment_that_it_needs_is_not_deleted(clocks, app, alice):
    segment = make_segment()
    make_digest(alice, segment_id=segment.id)
    with app.test_request_context():
        found = [label for users in registries.segment_users for label, _ in users(segment.id)]
    assert found == ["the digest “Weekly”"]
