"""The pages of mailings, as staff see them."""

import html
from datetime import timedelta

import pytest

from crm.base import clock
from crm.contacts import leaving
from crm.contacts.models import Contact, Subscription
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import scheduling
from crm.mailings.composer import versions
from crm.mailings.models import Mailing
from tests.corpora import scripting
from tests.mailings.makers import make_mailing, make_people, topic_id

HOSTILE = '"><script>alert(1)</script>{{7654*4321}}'


def typed(**values):
    return {
        "kind": "newsletter",
        "language": "en",
        "subject": "News",
        "preheader": "",
        "body": "Hello *you*",
        "topic_id": topic_id(),
        "people": "topic",
        "segment": "",
        "campaign_id": "",
        "on_uncertain": "hold",
        "count_clicks": "y",
        "version": 1,
        **values,
    }


def only():
    db.session.rollback()
    db.session.expire_all()
    return db.session.query(Mailing).one()


def release(mailing):
    scheduling.schedule(mailing, scheduling.Planned(clock.now(), "UTC", "2026-01-01T00:00"))
    db.session.commit()
    scheduling.release_due()


def test_the_empty_list_leads_to_the_first_mailing(as_alice):
    assert "Write the first one" in as_alice.page("/staff/mailings/").text


def test_a_mailing_is_written_reviewed_and_scheduled(as_alice):
    make_people(3)
    page = as_alice.send("/staff/mailings/new", typed(then="review"))
    assert "Ready to go" in page.text
    assert "3 recipients" in page.text
    mailing = only()
    assert mailing.created_by == "alice@bridgeway.example"
    later = {"at": "2099-12-01T09:00", "zone": "America/New_York", "version": 1, "when": "later"}
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", later)
    assert "Tue, Dec 1, 2099, 09:00 (America/New_York)" in page.text
    assert only().scheduled_at.isoformat() == "2099-12-01T14:00:00+00:00"
    assert "Dec 1, 2099" in as_alice.page("/staff/mailings/?state=scheduled").text


@pytest.mark.parametrize(
    ("values", "words", "field"),
    [
        ({"at": "2020-01-01T09:00", "zone": "UTC"}, "in the past", "at"),
        ({"at": "2099-03-08T02:30", "zone": "America/New_York"}, "does not exist", "at"),
        ({"at": "", "zone": "UTC"}, "Choose a date", "at"),
        ({"at": "soon", "zone": "UTC"}, "Choose a date", "at"),
        ({"at": "2099-01-01T09:00", "zone": "Mars/Olympus"}, "not a time zone", "zone"),
        ({"at": "2099-01-01T09:00", "zone": "UTC", "opens": "9"}, "Write both hours", "opens"),
        ({"at": "2099-01-01T09:00", "zone": "UTC", "opens": "09:00"}, "Choose both hours", "closes"),
        ({"at": "2099-01-01T09:00", "zone": "UTC", "opens": "20:00", "closes": "08:00"}, "at least an hour", "closes"),
        ({"at": "2099-01-01T09:00", "zone": "UTC", "version": 7}, "Somebody changed", ""),
    ],
)
def test_a_time_that_cannot_be_is_refused_in_words_beside_its_field(as_alice, values, words, field):
    make_people(1)
    mailing = make_mailing()
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", {"version": 1, "when": "later", **values})
    assert page.text.count(words) == (2 if field else 1)
    assert not field or f'id="{field}-error"' in page.text
    assert only().state == "draft"


def test_what_is_not_ready_stays_a_draft_and_says_what_to_mend(as_alice):
    make_people(1, city="")
    mailing = make_mailing(body="You in {{ city }}")
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", {"version": 1, "when": "now", "zone": "UTC"})
    assert "1 recipient has no city" in page.text
    assert only().state == "draft"


def test_a_field_in_the_title_of_a_picture_refuses_scheduling(as_alice):
    make_people(1)
    mailing = make_mailing(body='![Map](https://x.example/a.png "{{ NAME }}")')
    page = as_alice.send(f"/staff/mailings/{mailing.id}/schedule", {"version": 1, "when": "now", "zone": "UTC"})
    assert "{{ NAME }} stands in an image or its description, where no merge field can." in page.text
    assert only().state == "draft"


def test_bad_input_keeps_what_was_typed(as_alice):
    page = as_alice.send("/staff/mailings/new", typed(subject="x" * 300, body="Long thoughts"))
    assert "under 200 characters" in page.text
    assert "Long thoughts" in page.text
    assert db.session.query(Mailing).count() == 0


def test_two_who_edit_see_what_the_other_wrote(as_alice, as_oscar):
    mailing = make_mailing()
    as_oscar.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="By Oscar"))
    page = as_alice.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="By Alice"))
    assert "Somebody else saved" in page.text
    assert "By Oscar" in page.text
    assert 'value="By Alice"' in page.text
    assert only().subject == "By Oscar"
    assert 'name="version" type="hidden" value="2"' in page.text
    as_alice.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="By Alice", version=2))
    assert only().subject == "By Alice"


def test_only_what_differs_is_shown_of_what_another_wrote(as_alice):
    mailing = make_mailing(body="One\n\nTwo")
    values = typed(subject="By Alice", body="One\r\n\r\nTwo", preheader=mailing.preheader, version=0)
    page = as_alice.send(f"/staff/mailings/{mailing.id}/edit", values)
    assert "<summary>Subject</summary>" in page.text
    assert "<summary>Body</summary>" not in page.text


def test_what_is_typed_stays_where_another_scheduled_the_mailing_meanwhile(as_alice, as_oscar):
    make_people(1)
    mailing = make_mailing()
    as_oscar.send(f"/staff/mailings/{mailing.id}/schedule", {"version": 1, "when": "now", "zone": "UTC"})
    page = as_alice.send(f"/staff/mailings/{mailing.id}/edit", typed(subject="By Alice", body="Long thoughts"))
    assert "This mailing is scheduled. Take it back to a draft, or copy it, to change it." in page.text
    assert 'value="By Alice"' in page.text
    assert "Long thoughts" in page.text
    assert only().subject == "Licensing moves"


def test_the_preview_shows_what_is_typed_as_a_contact_sees_it(as_alice):
    person = make_people(1, first_name="<b>Amina</b>")[0]
    values = typed(body="Dear {{ first_name }}", as_contact=person.email)
    answer = as_alice.post("/staff/mailings/preview", data=values)
    assert "Dear &lt;b&gt;Amina&lt;/b&gt;" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'self'" in policy
    assert db.session.query(Mailing).count() == 0
    answer = as_alice.post("/staff/mailings/preview", data={**values, "view": "text"})
    assert answer.mimetype == "text/plain"
    assert "Dear <b>Amina</b>" in answer.text


def test_who_approves_sees_each_language_as_whomever_they_like(as_alice):
    make_people(1)
    make_people(1, first_name="Amina", email="amina@mail.example")
    mailing = make_mailing()
    versions.add(mailing, "es")
    db.session.commit()
    review = f"/staff/mailings/{mailing.id}/review"
    assert ">Español</a>" in as_alice.page(review).text
    chosen = as_alice.page(f"{review}?text=es&as_contact=amina@mail.example").text
    assert f'src="/staff/mailings/{mailing.id}/preview?text=es&amp;as_contact=amina@mail.example"' in chosen
    assert "No contact has that address" in as_alice.page(f"{review}?as_contact=nobody@mail.example").text


def test_fields_come_bare_save_names_and_the_checks_tell_who_reads_the_word_instead(as_alice):
    make_people(2, first_name="")
    mailing = make_mailing()
    versions.add(mailing, "es")
    db.session.commit()
    written = html.unescape(as_alice.page(f"/staff/mailings/{mailing.id}/edit?text=es").text)
    assert "{{ city }}" in written and '{{ first_name | default: "amiga o amigo" }}' in written
    review = as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    assert "English: 2 people have no first name and read “friend”." in review


def test_a_field_without_a_default_is_told_before_somebody_joins_who_has_nothing_there(as_alice):
    make_people(1, first_name="Amina", city="Lowell")
    mailing = make_mailing(body="Dear {{ first_name | default: 'friend' }} in {{ city }}, come to {{ share_url }}.")
    review = f"/staff/mailings/{mailing.id}/review"
    told = html.unescape(as_alice.page(review).text)
    assert "{{ city }} has no default: the public page shows nothing there" in told
    assert "{{ first_name }} has no default" not in told and "{{ share_url }} has no default" not in told
    make_people(1, first_name="Bao")
    told = html.unescape(as_alice.page(review).text)
    assert "1 recipient has no city" in told and "has no default: the public page" not in told


def test_the_preview_never_carries_a_script(as_alice):
    for vector in scripting.OTHERS:
        answer = as_alice.post("/staff/mailings/preview", data=typed(subject=vector, preheader=vector, body=vector))
        assert "<script" not in answer.text.lower(), vector
        assert "onerror=" not in answer.text.replace("&lt;", "").lower() or "<img src=x" not in answer.text


def test_hostile_words_stay_words_on_every_page(as_alice):
    person = make_people(1, first_name=HOSTILE, last_name=HOSTILE)[0]
    mailing = make_mailing(subject=HOSTILE, preheader=HOSTILE, body=f"Dear {{{{ first_name }}}} {HOSTILE}")
    for page in ("", "/review", "/edit", f"/preview?as_contact={person.email}"):
        text = as_alice.get(f"/staff/mailings/{mailing.id}{page}", follow_redirects=True).text
        assert "<script>alert" not in text
        assert str(7654 * 4321) not in text
    assert "<script>alert" not in as_alice.page("/staff/mailings/").text


def test_progress_report_and_rows(as_alice):
    make_people(3)
    mailing = make_mailing()
    release(mailing)
    page = as_alice.page(f"/staff/mailings/{mailing.id}")
    assert "0 of 3 sent" in page.text
    assert 'hx-trigger="every 2s"' in as_alice.get(f"/staff/mailings/{mailing.id}/progress").text
    db.session.query(Delivery).update({"state": "sent", "sent_at": clock.now(), "smtp_code": 250})
    db.session.query(Delivery).filter(Delivery.id == db.session.query(Delivery.id).limit(1).scalar()).update(
        {"state": "uncertain"}
    )
    db.session.commit()
    scheduling.finish()
    page = as_alice.page(f"/staff/mailings/{mailing.id}")
    assert "2 of 3 sent" in page.text
    assert "hx-trigger" not in page.text
    assert "Send again" in page.text
    rows = as_alice.page(f"/staff/mailings/{mailing.id}/deliveries?state=uncertain").text
    assert sum(person.email in rows for person in db.session.query(Contact)) == 1
    as_alice.send(f"/staff/mailings/{mailing.id}/uncertain/accept")
    assert "3 of 3 sent" in as_alice.page(f"/staff/mailings/{mailing.id}").text


def test_pause_go_on_and_cancel(as_alice):
    make_people(1)
    mailing = make_mailing()
    release(mailing)
    for action, state in (("pause", "paused"), ("resume", "sending"), ("pause", "paused"), ("cancel", "canceled")):
        as_alice.send(f"/staff/mailings/{mailing.id}/{action}")
        assert only().state == state
    assert "That cannot be done now" in as_alice.send(f"/staff/mailings/{mailing.id}/resume").text


def test_a_held_mailing_is_taken_back_mended_and_scheduled_again(as_alice):
    people = make_people(1)
    mailing = make_mailing()
    scheduling.schedule(mailing, scheduling.Planned(clock.now(), "UTC", "2026-01-01T00:00"))
    db.session.query(Subscription).update({"state": "unsubscribed"})
    db.session.commit()
    scheduling.release_due()
    url = f"/staff/mailings/{mailing.id}"
    page = as_alice.page(url)
    assert "Waits for you" in page.text
    assert "Nobody would get it" in page.text
    assert "It is a draft again" in as_alice.send(f"{url}/take-back").text
    assert "Waits for you" not in as_alice.page(f"{url}/review").text
    make_people(len(people))
    version = only().version
    as_alice.send(f"{url}/edit", typed(subject="Mended", version=version))
    as_alice.send(f"{url}/schedule", {"version": version + 1, "when": "now", "zone": "UTC"})
    only().scheduled_at = clock.now()  # The minutes in which it can be taken back are over.
    db.session.commit()
    scheduling.release_due()
    assert (only().state, only().subject, only().problem) == ("sending", "Mended", "")
    assert db.session.query(Delivery).filter(Delivery.contact_id.is_not(None)).count() == 1


@pytest.mark.parametrize("begun", [True, False])
def test_a_canceled_mailing_is_not_taken_back_but_copied(as_alice, begun):
    make_people(1)
    mailing = make_mailing()
    if begun:
        release(mailing)
    else:
        mailing.state, mailing.problem = "paused", "It was due over six hours ago."
        db.session.commit()
    url = f"/staff/mailings/{mailing.id}"
    if begun:
        as_alice.send(f"{url}/pause")
        assert "Take back to edit" not in as_alice.page(url).text
        assert "That cannot be done now" in as_alice.send(f"{url}/take-back").text
    else:
        assert "Take back to edit" in as_alice.page(url).text
    page = as_alice.send(f"{url}/cancel")
    assert "Take back to edit" not in page.text
    assert "six hours ago" not in page.text
    assert "this mailing is canceled" in as_alice.send(f"{url}/take-back").text
    assert only().state == "canceled"
    assert "Nothing is sent before you schedule it" in as_alice.send(f"{url}/copy").text


def test_a_late_mailing_says_so(as_alice):
    make_people(1)
    mailing = make_mailing()
    mailing.state, mailing.scheduled_at = "scheduled", clock.now() - timedelta(hours=8)
    db.session.commit()
    scheduling.release_due()
    assert "six hours ago" in as_alice.page(f"/staff/mailings/{mailing.id}").text


def test_a_test_is_sent_to_the_reviewer(as_alice):
    person = make_people(1)[0]
    mailing = make_mailing()
    values = {"test-to": "alice@bridgeway.example", "test-as_contact": person.email}
    assert "on its way" in as_alice.send(f"/staff/mailings/{mailing.id}/test", values).text
    assert db.session.query(Delivery).one().address == "alice@bridgeway.example"
    for bad in ("", "nobody", "a@b.example\r\nBcc: eve@evil.example"):
        page = as_alice.send(f"/staff/mailings/{mailing.id}/test", {"test-to": bad})
        assert "There is a problem" in page.text, bad
    assert db.session.query(Delivery).count() == 1


def test_a_draft_is_copied_and_deleted(as_alice):
    mailing = make_mailing()
    assert "This is a copy" in as_alice.send(f"/staff/mailings/{mailing.id}/copy").text
    assert db.session.query(Mailing).count() == 2
    as_alice.send(f"/staff/mailings/{mailing.id}/delete")
    assert only().subject.endswith("(copy)")


def test_the_dashboard_says_what_goes_out_next_and_what_waits(as_alice):
    make_people(1)
    page = as_alice.page("/staff/")
    assert "Nothing is scheduled" in page.text
    mailing = make_mailing(subject="December call")
    mailing.state, mailing.scheduled_at, mailing.zone = "scheduled", clock.now() + timedelta(days=1), "UTC"
    late = make_mailing(subject="Too late")
    late.state, late.problem = "paused", "It was due over six hours ago."
    db.session.commit()
    page = as_alice.page("/staff/")
    assert "December call" in page.text
    assert "Too late" in page.text
    assert "Waits for you" in page.text


def test_who_left_after_it_is_counted_and_named(as_alice):
    stays, left, other = make_people(3)
    mailing = make_mailing()
    release(mailing)
    db.session.query(Delivery).update({"state": "sent", "sent_at": clock.now()})
    leaving.unsubscribe(left, mailing.topic, method="one_click")
    leaving.unsubscribe(other, mailing.topic, method="one_click").at = clock.now() - timedelta(days=30)
    db.session.commit()
    assert "Unsubscribed: </span>1</a>" in as_alice.page(f"/staff/mailings/{mailing.id}").text
    rows = as_alice.page(f"/staff/mailings/{mailing.id}/deliveries?state=unsubscribed").text
    assert left.email in rows
    assert stays.email not in rows
    assert other.email not in rows


def test_a_viewer_reads_but_finds_no_buttons(as_bob):
    make_people(1)
    mailing = make_mailing()
    page = as_bob.page(f"/staff/mailings/{mailing.id}")
    assert "Send it now" not in page.text
    assert as_bob.post(f"/staff/mailings/{mailing.id}/schedule").status_code == 403


def test_the_links_of_a_test_explain_themselves(client):
    assert "This was a test" in client.page("/test-link").text
