"""Staff make forms without code, and pass them on."""

import html

from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db
from tests.contacts.custom_fields.makers import make_field
from tests.contacts.people import hidden, person
from tests.contacts.signup_forms.makers import confirmed, make_form, make_member


def test_an_organizer_makes_a_form(as_oscar, client):
    field, member = make_field(), make_member()
    assert "No forms of your own yet" in as_oscar.page("/staff/forms/").text
    data = {**hidden(as_oscar.page("/staff/forms/new").text), "name": "Conference stand", "is_open": "y"}
    data |= {"questions-0-key": field.key, "questions-0-required": "y", "topics": "research", "members": str(member.id)}
    data |= {"heading_en": "Meet us", "heading_es": "Conózcanos", "origins": "not a site"}
    data |= {"counts_for_id": str(member.id)}
    assert "is no site" in as_oscar.send("/staff/forms/new", data).text
    as_oscar.send("/staff/forms/new", {**data, "origins": "https://member.example/x\n"})
    form = db.session.query(SignUpForm).one()
    assert (form.slug, form.origins, form.members) == ("conference-stand", ["https://member.example"], [member.id])
    assert form.counts_for == member and member.name in as_oscar.page("/staff/forms/").text
    assert "Conózcanos" in client.page("/signup/conference-stand?lang=es").text
    as_oscar.page(f"/staff/forms/{form.id}")


def test_a_welcome_mail_of_too_many_paragraphs_is_refused_in_words_and_none_is_cut(as_oscar):
    data = {**hidden(as_oscar.page("/staff/forms/new").text), "name": "Conference stand", "is_open": "y"}
    page = as_oscar.send("/staff/forms/new", {**data, "welcome_text_es": "Uno.\n\n" * 41}).text
    assert "These are 41 paragraphs. Write at most 40" in page
    as_oscar.send("/staff/forms/new", {**data, "welcome_text_es": "Uno.\n\n" * 40})
    assert db.session.query(SignUpForm).count() == 1


def test_the_numbers_of_the_list_open_the_people(as_alice, client):
    form = make_form()
    confirmed(client, form)
    assert f"form={form.id}" in as_alice.page("/staff/forms/").text
    assert "amina@mail.example" in as_alice.page(f"/staff/people/?form={form.id}").text


def test_two_who_edit_a_form_do_not_overwrite_each_other(as_alice):
    form = make_form()
    url = f"/staff/forms/{form.id}"
    data = {**hidden(as_alice.page(url).text), "name": "Conference stand", "is_open": "y"}
    as_alice.send(url, {**data, "heading_en": "Meet us", "source": "a"})
    text = as_alice.send(url, {**data, "heading_en": "Come to us"}, status=409).text
    assert "Somebody changed this form" in text and 'value="a"' in text and 'value="Come to us"' in text


def test_a_form_is_passed_on_by_code_poster_and_tag(as_bob):
    texts = {"en": {"heading": "Meet us"}, "es": {"heading": 'Conózcanos "ya"', "button": "<b>Sí"}}
    form = make_form(origins=["https://member.example"], texts=texts)
    page = as_bob.page(f"/staff/forms/{form.id}/share?language=es&stand=hall-b").text
    assert "data-form=&#34;conference-stand&#34;" in page and "utm_source=hall-b" in page
    codes = html.unescape(page)
    assert 'data-title="Conózcanos &quot;ya&quot;"' in codes
    assert "<label>Nombre <input" in codes and "<button>&lt;b&gt;Sí</button>" in codes
    code = as_bob.get(f"/staff/forms/{form.id}/qr.svg?language=es&stand=hall-b")
    assert code.mimetype == "image/svg+xml" and b"<svg" in code.data
    for size in ("a4", "letter"):
        assert "Meet us" in as_bob.page(f"/staff/forms/{form.id}/poster?size={size}&language=ar").text
    assert as_bob.get(f"/staff/forms/{form.id}").status_code == 403


def test_where_the_poster_hangs_is_the_source(client):
    form = make_form(source="conference")
    page = client.page(f"/signup/{form.slug}?utm_source=hall-b")
    confirmed(client, form, **hidden(page.text))
    assert person().source.label == "hall-b"
    confirmed(client, form, "elsewhere@mail.example")
    assert person("elsewhere@mail.example").source.label == "conference"
