"""Settings: the coalition, topics, consent wordings."""

import html
import io

import pytest
from sqlalchemy import select

from crm.contacts import topics, wordings
from crm.contacts.models import ConsentWording, Topic
from crm.delivery.compiled import Content, compile_content
from crm.extensions import db
from crm.organizations import coalition
from tests.factories import make_wording

FORM = {
    "name": "Bridgeway",
    "purpose": "Work.",
    "zone": "America/Denver",
    "sender_name": "Bridgeway",
    "sender_email": "news@bridgeway.example",
    "postal_address": "12 Harbor Street",
    "version": 1,
}


def test_alice_changes_the_coalition(as_alice):
    as_alice.send("/staff/settings/", FORM)
    found = coalition.current()
    assert (found.name, found.zone, found.postal_address) == ("Bridgeway", "America/Denver", "12 Harbor Street")


@pytest.mark.parametrize("field", [name for name in FORM if name != "version"])
def test_no_field_may_be_empty(as_alice, field):
    before = getattr(coalition.current(), field)
    page = as_alice.send("/staff/settings/", {**FORM, field: ""})
    assert "There is a problem" in page.text
    assert getattr(coalition.current(), field) == before


@pytest.mark.parametrize("name", ["Bridge < way", "Bridgeway>", "News <news@bridgeway.example>", "{{ x }} way"])
def test_a_sender_that_no_mail_could_name_is_refused(as_alice, name):
    before = coalition.current().sender_name
    page = as_alice.send("/staff/settings/", {**FORM, "sender_name": name})
    assert "Leave out &lt; and &gt;" in page.text
    assert html.escape(name) in page.text
    assert coalition.current().sender_name == before


def test_the_sender_is_one_line_and_its_mail_goes_out(as_alice, app):
    as_alice.send("/staff/settings/", {**FORM, "sender_name": " Bridge\r\nway\t\x00News "})
    assert coalition.current().sender_name == "Bridge way News"
    sender = coalition.letter_frame()["sender"]
    assert b'From: "Bridge way News" <news@bridgeway.example>\r\n' in compile_content(
        Content("x", "<p>x</p>", "x", sender)
    ).render(b"", {})


def test_a_logo_is_set_and_taken_away(as_alice):
    png = (io.BytesIO(b"\x89PNG\r\n\x1a\n0"), "logo.png")
    as_alice.send("/staff/settings/", {**FORM, "new_logo": png}, content_type="multipart/form-data")
    assert as_alice.get("/logo").mimetype == "image/png"
    as_alice.send("/staff/settings/", {**FORM, "version": 2})
    assert as_alice.get("/logo").status_code == 200
    as_alice.send("/staff/settings/", {**FORM, "version": 2, "no_logo": "y"})
    assert as_alice.get("/logo").status_code == 404


def test_a_new_topic_gets_a_slug_of_its_own(as_alice):
    as_alice.send("/staff/settings/topics/new", {"name_en": "Research", "name_es": "Estudios", "public": "y"})
    as_alice.send("/staff/settings/topics/new", {"name_en": "¡Ölé! & more", "public": "y"})
    slugs = [topic.slug for topic in topics.everything()]
    assert slugs == ["action-alerts", "research", "webinars", "research-2", "ole-more"]


def test_a_renamed_topic_keeps_its_slug_and_there_is_one_default(as_alice):
    research = db.session.scalars(select(Topic).where(Topic.slug == "research")).one()
    as_alice.send(
        f"/staff/settings/topics/{research.id}", {"name_en": "Studies", "public": "y", "default": "y", "version": 1}
    )
    rows = {topic.slug: (topic.name(), topic.default, topic.public) for topic in topics.everything()}
    assert rows["research"] == ("Studies", True, True)
    assert [slug for slug, row in rows.items() if row[1]] == ["research"]


def test_topics_change_places(as_alice):
    first = topics.everything()[0]
    as_alice.send(f"/staff/settings/topics/{first.id}/move", {"to": "down"})
    assert [topic.slug for topic in topics.everything()] == ["research", "action-alerts", "webinars"]
    as_alice.send(f"/staff/settings/topics/{first.id}/move", {"to": "up"})
    as_alice.send(f"/staff/settings/topics/{first.id}/move", {"to": "up"})
    assert topics.everything()[0].slug == "action-alerts"


def test_a_new_wording_is_a_draft_until_a_named_person_stands_for_it(as_alice):
    old = wordings.current("es")
    page = as_alice.send("/staff/settings/consent", {"language": "es", "text": "Acepto los correos."})
    assert "Acepto los correos." in page.text
    assert wordings.current("es").id == old.id
    draft = db.session.scalars(select(ConsentWording).where(ConsentWording.text == "Acepto los correos.")).one()
    as_alice.send(f"/staff/settings/consent/{draft.id}", {"reviewed_by": "Carmen Ruiz"})
    assert wordings.current("es").text == "Acepto los correos."
    assert wordings.current("es").reviewed_by == "Carmen Ruiz"
    kept = db.session.get(ConsentWording, old.id)
    assert (kept.text, kept.live) == ("I agree to get e-mail. (es)", False)


def test_a_review_needs_a_name(as_alice):
    draft = make_wording("ar", live=False)
    draft.reviewed_at = None
    db.session.commit()
    page = as_alice.send(f"/staff/settings/consent/{draft.id}", {"reviewed_by": " "})
    assert "Enter the name of whoever has read it." in page.text
    assert not db.session.get(ConsentWording, draft.id).live


def test_the_page_marks_each_language(as_alice):
    page = as_alice.page("/staff/settings/consent")
    assert 'lang="ar" dir="rtl"' in page.text
    assert "0 people agreed to it" in page.text
