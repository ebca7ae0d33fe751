"""Two versions of a mailing: who gets which, and which one the rest get."""

import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from sqlalchemy import select

from crm.base import clock, wall_clock
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.mailings import checks, scheduling
from crm.mailings.comparing import deciding, pairing, sizes
from crm.mailings.comparing.deciding import Result
from crm.mailings.composer import versions
from crm.mailings.models import Mailing, MailingLink, MailingText
from crm.mailings.reading.models import MailingClick
from crm.mailings.waves.models import MailingWave
from crm.mailings.waves.planning import Timing
from tests import questions
from tests.mailings.makers import make_mailing, make_people, make_segment
from tests.mailings.report.makers import joined, made_source
from tests.mailings.sequences.makers import make_sequence
from tests.mailings.test_staff import typed


@pytest.fixture
def mailing(app, as_alice, monkeypatch) -> Mailing:
    """One to twenty people, half of whom are asked, five with each version."""
    monkeypatch.setattr(sizes, "each", lambda: 5)
    make_people(20)
    one = make_mailing(by="alice@bridgeway.example")
    as_alice.post(f"/staff/mailings/{one.id}/compare")
    other = pairing.of(one).other
    as_alice.post(f"/staff/mailings/{other.id}/edit", data=typed(subject="Sign today", version=other.version))
    db.session.expire_all()
    return one


def release(mailing: Mailing) -> None:
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    db.session.query(Delivery).update({"state": "sent", "sent_at": clock.now()})
    db.session.commit()


def click(mailing: Mailing, **people: int) -> None:
    """Let so many people of each version follow the first link."""
    link = db.session.scalars(select(MailingLink).where(MailingLink.mailing_id == mailing.id)).first()
    for variant, number in {"": people.get("a", 0), "b": people.get("b", 0)}.items():
        hour = {"link_id": link.id, "hour": clock.now(), "language": "en", "variant": variant, "robot": False}
        db.session.add(MailingClick(**hour, clicks=number, visitors=number, newcomers=number))
    db.session.commit()


def got() -> dict[str, int]:
    rows = db.session.execute(select(Delivery.message_id, Delivery.address)).all()
    messages = {
        one.message_id: one.variant or "a"
        for one in db.session.scalars(select(Mailing).order_by(Mailing.id)).first().messages
    }
    assert len(rows) == len({address for _, address in rows})
    return {name: sum(messages[number] == name for number, _ in rows) for name in ("a", "b")}


def later(hours: float) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=hours)):
        deciding.decide_due()
        scheduling.release_due()
    db.session.expire_all()


def test_half_of_a_part_gets_each_version_and_the_rest_the_better_one(mailing):
    release(mailing)
    asked = got()
    assert 7 <= sum(asked.values()) <= 13
    click(mailing, a=0, b=asked["b"])
    later(23)
    assert got() == asked
    later(25)
    assert got() == asked | {"b": 20 - asked["a"]}
    comparison = pairing.of(mailing)
    assert comparison.winner == "b"
    assert comparison.verdict.startswith(f"Version B does better. A: 0 of {asked['a']} clicked (0.0 %); B:")
    db.session.refresh(mailing)
    assert mailing.frozen_at is not None


def test_the_archive_shows_the_version_that_most_people_got(mailing, client):
    release(mailing)
    click(mailing, a=0, b=got()["b"])
    later(25)
    assert "Sign today" in client.get("/archive/").text


def test_a_segment_is_free_again_once_the_whole_is_over(mailing, as_alice):
    segment = make_segment()
    for one in (mailing, pairing.of(mailing).other):
        one.audience = {"people": "topic", "segments": [segment.id]}
    db.session.commit()
    address = f"/staff/segments/{segment.id}/delete"
    assert "in use" in as_alice.post(address, follow_redirects=True).text
    mailing.state = "canceled"
    db.session.commit()
    assert "is deleted" in as_alice.post(address, follow_redirects=True).text


def test_where_chance_explains_the_difference_it_says_so_and_the_rest_get_the_first(mailing):
    release(mailing)
    asked = got()
    click(mailing, a=2, b=3)
    later(25)
    assert got() == asked | {"a": 20 - asked["b"]}
    assert pairing.of(mailing).winner == ""
    assert pairing.of(mailing).verdict.startswith("No difference was found.")


def test_the_rest_wait_for_a_word_where_staff_choose(mailing, as_alice):
    how = {"share": "50", "hours": "24", "by": "clicks", "automatic": "no", "sender_name": ""}
    as_alice.post(f"/staff/mailings/{mailing.id}/compare/how", data=how)
    db.session.expire_all()
    release(mailing)
    asked = got()
    later(5)
    assert got() == asked
    page = as_alice.get(f"/staff/mailings/{mailing.id}").text
    assert "The rest wait for your word" in page
    as_alice.post(f"/staff/mailings/{mailing.id}/compare/choose", data={"version": "b"})
    scheduling.release_due()
    assert got() == asked | {"b": 20 - asked["a"]}
    again = as_alice.post(f"/staff/mailings/{mailing.id}/compare/choose", data={"version": "a"}, follow_redirects=True)
    assert "Somebody has chosen already" in again.text


def test_the_other_version_has_its_own_subject_and_sender(mailing, as_alice):
    how = {"share": "50", "hours": "24", "by": "clicks", "automatic": "yes", "sender_name": "Amina of Bridgeway"}
    as_alice.post(f"/staff/mailings/{mailing.id}/compare/how", data=how)
    db.session.expire_all()
    release(mailing)
    messages = {one.variant: db.session.get(deciding.Mailing, one.mailing_id) for one in mailing.messages}
    assert set(messages) == {"", "b"}
    rows = db.session.execute(db.text("SELECT subject, sender FROM message ORDER BY id")).all()
    assert ("Sign today", "Amina of Bridgeway <news@bridgeway.example>") in [tuple(row) for row in rows]


def test_a_sender_of_the_other_version_that_no_mail_could_name_is_refused(mailing, as_alice):
    how = {"share": "50", "hours": "24", "by": "clicks", "automatic": "yes", "sender_name": "Amina <a@b.example>"}
    page = as_alice.post(f"/staff/mailings/{mailing.id}/compare/how", data=how, follow_redirects=True)
    assert "Leave out &lt; and &gt;" in page.text
    assert pairing.of(mailing).sender_name == ""


def test_the_review_looks_at_the_other_version_too_and_its_tests_name_its_sender(mailing, as_alice):
    pairing.of(mailing).sender_name = "Amina of Bridgeway"
    db.session.commit()
    other = pairing.of(mailing).other
    review = as_alice.page(f"/staff/mailings/{mailing.id}/review").text
    assert "Version B: Nobody has seen a test of this version yet." in review
    assert f"/staff/mailings/{other.id}/preview" in review
    assert re.search(r'value="yes"[^>]* checked|checked[^>]* value="yes"', review)
    as_alice.post(f"/staff/mailings/{other.id}/test", data={"test-to": "eve@friends.example"})
    senders = db.session.execute(db.text("SELECT sender FROM message WHERE subject = '[Test] Sign today'")).scalars()
    assert list(senders) == ["Amina of Bridgeway <news@bridgeway.example>"]


def test_too_few_people_are_told_why(app, as_alice):
    make_people(3)
    one = make_mailing()
    page = as_alice.get(f"/staff/mailings/{one.id}/review").text
    assert "With 3 recipients, chance would decide." in page
    assert "from 4,500 recipients on" in page
    answer = as_alice.post(f"/staff/mailings/{one.id}/compare", follow_redirects=True)
    assert "chance would decide" in answer.text
    assert db.session.query(Mailing).count() == 1


def test_the_other_version_stands_in_no_list_and_goes_nowhere_alone(mailing, as_alice):
    other = pairing.of(mailing).other
    listed = as_alice.get("/staff/mailings/").text
    assert mailing.subject in listed
    assert "Sign today" not in listed
    review = as_alice.get(f"/staff/mailings/{other.id}/review").text
    assert "It is version B of" in review
    assert "Send it now" not in review
    with pytest.raises(scheduling.OutOfStep, match="version B"):
        scheduling.schedule(other, wall_clock.at(clock.now(), "UTC"))
    answer = as_alice.post(f"/staff/mailings/{other.id}/delete", follow_redirects=True)
    assert "Take it out there" in answer.text


def test_a_fault_of_either_version_forbids_both(mailing):
    pairing.of(mailing).other.subject = ""
    db.session.commit()
    with pytest.raises(checks.NotReady, match="Version B: It has no subject"):
        scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))


def test_what_is_to_be_mended_of_the_other_version_leads_there(mailing, as_alice):
    other = pairing.of(mailing).other
    other.subject = ""
    other.texts = [MailingText(language="es", subject="", body="Hola", markup="markdown")]
    db.session.commit()
    review = unescape(as_alice.page(f"/staff/mailings/{mailing.id}/review").text)
    assert f'href="/staff/mailings/{other.id}/edit#subject"' in review
    assert f'href="/staff/mailings/{other.id}/edit?text=es#subject"' in review
    tested = review.partition("Version B: Nobody has seen a test")[2].partition("</li>")[0]
    there, _, place = re.search(r'href="([^"]+)"', tested)[1].partition("#")
    assert there == f"/staff/mailings/{other.id}/review"
    assert f'id="{place}"' in as_alice.page(there).text


def test_a_change_of_the_other_version_is_a_change_of_the_whole(mailing, as_alice):
    before, other = mailing.version, pairing.of(mailing).other
    as_alice.post(f"/staff/mailings/{other.id}/edit", data=typed(subject="Sign now", version=other.version))
    db.session.refresh(mailing)
    assert mailing.version > before


def test_both_go_to_the_same_people(mailing, as_alice):
    values = typed(subject="Licensing", version=mailing.version) | {"people": "all"}
    as_alice.post(f"/staff/mailings/{mailing.id}/edit", data=values)
    db.session.expire_all()
    assert pairing.of(mailing).other.audience == mailing.audience


def test_the_other_version_is_closed_while_the_first_is_scheduled(mailing, as_alice):
    other = pairing.of(mailing).other
    scheduling.schedule(mailing, wall_clock.at(clock.now() + timedelta(hours=1), "UTC"))
    db.session.commit()
    answer = as_alice.post(f"/staff/mailings/{other.id}/edit", data=typed(subject="Late", version=other.version))
    assert "version B of is scheduled" in answer.text
    db.session.refresh(other)
    assert other.subject == "Sign today"


def test_another_language_of_the_other_version_is_a_change_of_the_whole(mailing):
    before = mailing.version
    versions.add(pairing.of(mailing).other, "es")
    db.session.commit()
    assert mailing.version > before


def test_nothing_is_decided_before_each_copy_was_tried_and_what_was_put_off_is_not_waited_for(mailing, as_alice):
    scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    db.session.commit()
    scheduling.release_due()
    later(25)
    assert pairing.of(mailing).decided_at is None
    db.session.query(MailingWave).filter(MailingWave.variant.is_(None)).update({"due_at": clock.now()})
    first, *others = db.session.scalars(select(Delivery))
    for one in others:
        one.state, one.sent_at = "sent", clock.now()
    db.session.commit()
    assert "until each copy was tried once: 1 still to go" in as_alice.get(f"/staff/mailings/{mailing.id}").text
    first.state, first.first_tried_at = "deferred", clock.now()
    db.session.commit()
    later(25)
    assert pairing.of(mailing).decided_at is not None


def test_the_better_one_can_be_told_by_what_people_did_instead_of_clicks(mailing, as_alice):
    how = {"share": "50", "hours": "24", "by": "actions", "automatic": "yes", "sender_name": ""}
    as_alice.post(f"/staff/mailings/{mailing.id}/compare/how", data=how)
    db.session.expire_all()
    release(mailing)
    asked, code = got(), f"mailing-{mailing.id}"
    click(mailing, a=asked["a"])
    joined(made_source(via=code, utm_campaign=code, utm_content="1-en-b"), asked["b"], days_ago=0)
    assert "People who acted" in as_alice.page(f"/staff/mailings/{mailing.id}").text
    later(25)
    assert pairing.of(mailing).winner == "b"
    assert f"B: {asked['b']} of {asked['b']} acted (100.0 %)" in pairing.of(mailing).verdict


def test_what_people_did_is_asked_once_for_each_version_and_not_before_it_is_decided(mailing):
    pairing.of(mailing).by = "actions"
    db.session.commit()
    release(mailing)
    code = f"mailing-{mailing.id}"
    for place in (
        f"{link}-{language}{version}" for link in (1, 2, 3) for language in ("en", "es") for version in ("", "-b")
    ):
        joined(made_source(via=code, utm_campaign=code, utm_content=place), days_ago=0)
    db.session.query(Delivery).first().state = "queued"
    db.session.commit()
    for state, times in (("queued", 0), ("sent", 2), ("sent", 0)):
        db.session.query(Delivery).filter_by(state="queued").update({"state": state})
        db.session.commit()
        with questions.asked() as statements:
            later(25)
        assert sum("contact.confirmed_at" in one for one in statements) == times
    assert " acted (" in pairing.of(mailing).verdict


def test_hours_of_waiting_begin_again_where_it_was_paused(mailing):
    release(mailing)
    scheduling.pause(mailing)
    db.session.commit()
    with time_machine.travel(clock.now() + timedelta(hours=30)):
        scheduling.resume(mailing)
        db.session.commit()
        deciding.decide_due()
        db.session.expire_all()
        assert pairing.of(mailing).decided_at is None


def test_versions_are_compared_only_where_clicks_count_and_enough_get_them(mailing, monkeypatch):
    mailing.count_clicks = False
    monkeypatch.setattr(sizes, "each", lambda: 50)
    db.session.commit()
    with pytest.raises(checks.NotReady) as refused:
        scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"))
    assert "clicks, which are not counted" in str(refused.value)
    assert "chance would decide" in str(refused.value)


def test_a_step_of_a_sequence_has_no_other_version(app, as_alice, monkeypatch):
    monkeypatch.setattr(sizes, "each", lambda: 1)
    make_people(5)
    step = make_sequence([(0, None)]).steps[0]
    as_alice.post(f"/staff/mailings/{step.mailing_id}/compare")
    assert pairing.of(step.mailing) is None


def test_versions_are_not_compared_over_time(mailing):
    with pytest.raises(wall_clock.BadTime, match="at the same time"):
        scheduling.schedule(mailing, wall_clock.at(clock.now(), "UTC"), timing=Timing(spread=60))


def test_the_other_version_can_be_taken_away(mailing, as_alice):
    as_alice.post(f"/staff/mailings/{mailing.id}/compare/how", data={"do": "end"})
    assert db.session.query(Mailing).count() == 1
    release(db.session.query(Mailing).one())
    assert got() == {"a": 20, "b": 0}


def test_a_deleted_draft_takes_its_other_version_along(mailing, as_alice):
    as_alice.post(f"/staff/mailings/{mailing.id}/delete")
    assert db.session.query(Mailing).count() == 0


@pytest.mark.parametrize(
    ("first", "second", "better"),
    [
        ((200, 2000), (280, 2000), "b"),
        ((280, 2000), (200, 2000), "a"),
        ((200, 2000), (215, 2000), ""),
        ((0, 0), (0, 0), ""),
        ((0, 2000), (0, 2000), ""),
        ((2000, 2000), (2000, 2000), ""),
    ],
)
def test_the_better_one_is_told_only_where_chance_does_not_explain_it(first, second, better):
    results = [Result("", first[1], first[0]), Result("b", second[1], second[0])]
    variant, words = deciding.verdict(results)
    assert (variant or "a") == (better or "a")
    assert words.startswith("No difference") == (better == "")


def test_as_many_are_needed_as_the_textbook_says():
    assert sizes.each() == 1775
    assert (sizes.shares(800), sizes.shares(20_000)[0]) == ([], 20)
