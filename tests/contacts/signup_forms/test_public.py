"""Forms of staff's own making, as visitors meet them."""

from datetime import timedelta

import pytest
import time_machine

from crm.base import clock
from crm.base.block_kinds import made
from crm.contacts import subscriptions
from crm.contacts.custom_fields import answers
from crm.contacts.custom_fields import questions as asked
from crm.contacts.models import ConsentRecord, Contact, SignUp
from crm.extensions import db
from crm.mailings.blocks.telling import basic
from tests import factories
from tests.contacts.custom_fields.makers import make_field
from tests.contacts.people import AMINA, confirm_path, hidden, mails, person, records, sign_ups, topics_of
from tests.contacts.signup_forms.makers import confirmed, make_form, make_member, review, sent


def test_a_sign_up_brings_answers_topics_source_and_its_own_welcome(client):
    field = make_field()
    texts = {"en": {"heading": "Meet us", "thanks": "See you at noon.", "welcome_text": "Hello.\n\nCome by."}}
    asks = [{"key": field.key, "required": True}]
    form = make_form(questions=asks, topics=["research"], source="spring-conference", texts=texts)
    page = confirmed(client, form, custom_field_of_work="law")
    assert "See you at noon." in page.text and "https://wa.me/?text=I%20have%20joined" in page.text
    amina = person()
    assert answers.of(amina.id) == {"field_of_work": "law"}
    assert subscriptions.states(amina) == {"research": "active"}
    assert amina.source.label == "spring-conference"
    subjects = [subject for subject, _ in mails()]
    assert len(subjects) == 2 and "Welcome to Bridgeway Coalition" not in subjects
    assert mails()[-1][1]["paragraph_1"] == "Come by."


def test_the_page_that_thanks_is_passed_on_without_the_way_to_somebody_s_preferences(client):
    page = confirmed(client, make_form())
    assert "/preferences/" in page.text
    with time_machine.travel(clock.now() + timedelta(minutes=61), tick=False):
        assert "/preferences/" not in client.page(page.request.path).text


def test_a_form_credits_its_member_unless_the_link_credits_somebody_else(client, as_alice):
    harbor = factories.make_organization("Harbor College", is_member=True, via="harbor")
    factories.make_organization("North Clinic", is_member=True, via="north")
    form = make_form(source="spring-conference", counts_for_id=harbor.id)
    codes = {"samir": "?via=north", "lena": "?utm_source=poster", "dina": "?via=of-another-site"}
    for email, query in ((AMINA, ""), *((f"{name}@mail.example", query) for name, query in codes.items())):
        confirmed(client, form, email, query=query)
    came = {one.email.split("@")[0]: one.source for one in db.session.query(Contact)}
    assert {name: source.label for name, source in came.items()} == {
        "amina": "Harbor College",
        "samir": "North Clinic",
        "lena": "Harbor College",
        "dina": "Harbor College",
    }
    assert (came["amina"].utm_source, came["lena"].utm_source) == ("spring-conference", "poster")
    page = as_alice.page(f"/staff/growth/people?did=confirmed_sign_ups&member={harbor.id}").text
    assert AMINA in page and "lena@" in page and "samir@" not in page
    harbor.is_member = False
    confirmed(client, form, "bao@mail.example")
    assert person("bao@mail.example").source.label == "spring-conference"


def test_a_question_that_must_be_answered_stops_the_form_and_loses_nothing(client):
    form = make_form(questions=[{"key": make_field().key, "required": True}])
    answer = sent(client, form, first_name="Ámina 🎓")
    assert answer.status_code == 422
    assert "Please answer “Field of work”." in answer.text and 'value="Ámina 🎓"' in answer.text


def test_a_member_gets_the_address_only_by_its_own_tick_and_a_receipt_tells_so(client):
    harbor, north = make_member(), make_member("North Clinic")
    form = make_form(members=[harbor.id, north.id])
    assert "checked" not in client.page(f"/signup/{form.slug}").text
    confirmed(client, form, **{f"share_{harbor.id}": "y"})
    shares = [record for record in records() if record.purpose.startswith("share:")]
    assert [(r.purpose, r.wording.text) for r in shares] == [
        (f"share:{harbor.id}", "Harbor College may have my address.")
    ]
    receipt = next(merge for subject, merge in mails() if subject == "Who gets your address, as you agreed")
    assert receipt["member_0"] == "Harbor College" and receipt["words_0"] == "Harbor College may have my address."


def test_words_that_changed_meanwhile_are_read_anew(client):
    member = make_member()
    form = make_form(members=[member.id])
    old = hidden(client.page(f"/signup/{form.slug}").text)[f"share_seen_{member.id}"]
    review(member, "Harbor College and its friends may have my address.")
    ticked = {f"share_{member.id}": "y", f"share_seen_{member.id}": old}
    answer = sent(client, form, **ticked)
    assert answer.status_code == 422 and "have changed. Please read them again." in answer.text
    assert not sign_ups()


def test_a_form_shows_its_own_reviewed_words(client, as_alice):
    form = make_form()
    url = f"/staff/settings/consent?purpose=form:{form.id}"
    as_alice.send(url, {"language": "en", "text": "I agree to hear of the conference."})
    db.session.expire_all()
    assert "I agree to get e-mail." in client.page(f"/signup/{form.slug}").text
    as_alice.send("/staff/settings/consent/4", {"reviewed_by": "Alice Admin"})
    confirmed(client, form)
    assert records()[0].wording.text == "I agree to hear of the conference."
    assert "I agree to get e-mail." in client.page("/signup").text


@pytest.mark.parametrize(
    "email",
    ["amina+stand@mail.example", "o'brien@mail.example", "amina@bücher.example", "AMINA@MAIL.EXAMPLE"],
)
@pytest.mark.parametrize("name", ["José 𠮷野 🎓", "محمد العلي", "\u202eevil\u202c", "a" * 80, "%s {{ 7*7 }} <b>"])
def test_strange_names_and_addresses_are_kept_as_they_are_or_refused_in_words(client, email, name):
    answer = sent(client, make_form(), email, first_name=name)
    assert answer.status_code == 303
    assert sign_ups()[0].typed["first_name"] == name.replace("\u202e", "").replace("\u202c", "")


def test_one_form_posted_a_hundred_times_writes_one_mail(client):
    form = make_form()
    page = client.get(f"/signup/{form.slug}")
    data = {**hidden(page.text), "email": AMINA, "consent": "y", "language": "en"}
    codes = {sent(client, form, **{k: v for k, v in data.items() if k != "email"}).status_code for _ in range(100)}
    assert codes <= {303, 422, 429}
    assert len(mails()) == 1


def test_known_and_unknown_addresses_are_answered_alike(client):
    form = make_form()
    confirmed(client, form, "known@mail.example")
    answers_ = [
        sent(client, form, email, network="198.51.100.9") for email in ("known@mail.example", "new@mail.example")
    ]
    assert len({(one.status_code, one.headers["Location"], one.data) for one in answers_}) == 1


def test_a_closed_form_takes_nobody(client):
    field = make_field(kind="long_text")
    form = make_form(questions=[{"key": field.key, "required": False}])
    page = client.get(f"/signup/{form.slug}")
    form.is_open = False
    db.session.commit()
    data = {**hidden(page.text), "email": AMINA, "consent": "y", "language": "en"}
    data |= {f"custom_{field.key}": "I was a judge."}
    for place in ("signup", "embed"):
        page = client.send(f"/{place}/{form.slug}", data, status=410).text
        assert page.count("This form is closed.") == 1 and ">I was a judge.</textarea>" in page
    assert db.session.query(SignUp).count() == 0 and db.session.query(ConsentRecord).count() == 0


def test_the_form_speaks_the_visitors_language_and_marks_what_is_not_translated(client):
    field = make_field(label_ar="مجال العمل")
    form = make_form(questions=[{"key": field.key, "required": False}])
    text = client.page(f"/signup/{form.slug}?lang=ar").text
    assert 'dir="rtl"' in text and "مجال العمل" in text
    assert '<span lang="en" dir="ltr">Health</span>' in text


def test_whoever_reads_the_forms_own_welcome_is_greeted_once(client):
    form = make_form(texts={"en": {"heading": "Meet us"}, "es": {"welcome_text": "Hola."}})
    confirmed(client, form, language="es")
    assert len([merge for _, merge in mails() if "share_url" in merge]) == 1


def test_a_question_that_was_asked_anew_takes_no_answer_of_another_kind(client):
    field = make_field("Years of work", "text")
    form = make_form(questions=[{"key": field.key, "required": False}])
    assert sent(client, form, **{f"custom_{field.key}": "about ten"}).status_code == 303
    asked.remove(field)
    make_field("Years of work", "number")
    db.session.commit()
    client.send(confirm_path())
    assert answers.of(person().id) == {} and topics_of()


def test_a_form_stands_as_a_block_and_the_menu_leads_to_sign_up(app, client):
    form = make_form(texts={"en": {"heading": "Meet us", "intro": "At the stand.", "button": "Join"}})
    db.session.commit()
    told = basic([made("signup_form", form=str(form.id))], "en", [])
    assert [one.get("text") or one["html"] for one in told] == ["Meet us", "<p>At the stand.</p>", "Join"]
    assert told[-1]["url"] == f"http://crm.example/signup/{form.slug}"
    form.is_open = False
    assert basic([made("signup_form", form=str(form.id))], "en", []) == []
    assert '<a href="/signup">Sign up</a>' in client.page("/").text
