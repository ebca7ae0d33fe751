"""The sign-up form: what it takes, what it refuses, and that it gives nothing away."""

import pytest
import time_machine

from crm.base import clock
from crm.contacts.models import Contact, SignUp, Source
from crm.contacts.subscriptions import states
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.contacts.defence.forms import challenge, sent_again, solution
from tests.contacts.people import AMINA, filled_in, hidden, mails, person, posted, sign_ups, topics_of
from tests.hours import within_an_hour

ATTACKS = ["{{ 7*7 }}", "<script>alert(1)</script>", "http://spam.example buy", "{% raw %}", "${7*7}"]


def test_the_form_is_a_good_page_without_a_session(client):
    response = client.page("/signup")
    assert "I agree to get e-mail. (en)" in response.text
    assert "checked" not in response.text
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(("language", "direction"), [("es", "ltr"), ("ar", "rtl")])
def test_the_form_speaks_the_language_and_shows_its_wording(client, language, direction):
    text = client.page(f"/signup?lang={language}").text
    assert f'lang="{language}" dir="{direction}"' in text
    assert f"I agree to get e-mail. ({language})" in text


def test_a_draft_wording_is_never_shown_but_the_english_one_marked_as_english(bare_app):
    factories.make_coalition()
    factories.make_wording("en")
    draft = factories.make_wording("ar", live=True)
    draft.reviewed_at = None
    db.session.commit()
    text = bare_app.test_client().page("/signup?lang=ar").text
    assert 'lang="en" dir="ltr">I agree to get e-mail. (en)</span>' in text
    assert "(ar)" not in text


def test_without_a_wording_nobody_can_sign_up(bare_app):
    factories.make_coalition()
    db.session.commit()
    assert "not open yet" in bare_app.test_client().page("/signup").text


def test_a_sign_up_waits_and_a_mail_asks(client):
    response = filled_in(client, topics=["research"], first_name="Amina")
    assert response.status_code == 303
    assert "Look in your mailbox" in client.page(response.location).text
    assert topics_of() == {"research": "pending"}
    assert person().confirmed_at is None
    assert [subject for subject, _ in mails()] == ["Please confirm your e-mail address"]


def test_without_a_topic_one_gets_the_default_one(client):
    filled_in(client)
    assert topics_of() == {"action-alerts": "pending"}


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"email": ""}, "Enter your e-mail address."),
        ({"email": "amina"}, "such as name@example.org"),
        ({"email": f"{'a' * 250}@mail.example"}, "at most 254 characters"),
        ({"consent": ""}, "Tick the box"),
        ({"first_name": "x" * 81}, "at most 80 characters"),
        ({"zip_code": "<<<"}, "ZIP code such as"),
        ({"zip_code": "abc"}, "ZIP code such as"),
        ({"topics": ["nonsense"]}, "does not exist any more"),
        ({"fax": "x"}, "Leave this field empty"),
        ({"stamp": "forged"}, "open for a long time"),
    ],
)
def test_bad_input_gets_an_error_and_loses_nothing(client, values, message):
    response = filled_in(client, **{"last_name": "O'Neil", "organization_name": "Harbor <b>House</b>", **values})
    assert response.status_code == 422
    assert message in response.text
    assert "O&#39;Neil" in response.text
    assert "Harbor &lt;b&gt;House&lt;/b&gt;" in response.text
    assert db.session.query(Contact).count() == 0


def test_errors_stand_on_top_and_the_page_stays_well_made(client):
    response = client.send("/signup", {"email": "amina"}, status=422)
    assert "There is a problem" in response.text


def test_a_form_that_comes_back_within_two_seconds_is_asked_for_again(client):
    with time_machine.travel(clock.now(), tick=False):
        page = client.get("/signup")
        data = {"email": AMINA, "consent": "y", "language": "en", **hidden(page.text)}
        response = client.post("/signup", data=data)
    assert response.status_code == 422
    assert "That was very quick" in response.text
    again = {**data, **hidden(response.text)}
    assert posted(client, again).status_code == 303


def test_a_slip_in_the_domain_is_asked_about_once(client):
    response = filled_in(client, "amina@gmial.com", first_name="Amina")
    assert response.status_code == 200
    assert "amina@gmail.com" in response.text
    assert 'value="Amina"' in response.text
    data = {"email": "amina@gmial.com", "consent": "y", "language": "en", **hidden(response.text)}
    assert posted(client, data | {"meant": "suggested"}).status_code == 303
    assert person("amina@gmail.com") is not None
    assert posted(client, data, network="198.51.100.1").status_code == 303
    assert person("amina@gmial.com") is not None


def test_a_form_posted_twice_makes_one_contact_and_one_mail(client):
    page = client.get("/signup")
    data = {"email": AMINA, "consent": "y", "language": "en", **hidden(page.text)}
    assert [posted(client, data).status_code for _ in range(2)] == [303, 303]
    assert db.session.query(Contact).count() == 1
    assert len(mails()) == 1


def test_the_answer_is_the_same_for_every_kind_of_address(client):
    factories.make_contact("active@mail.example", topics={"action-alerts": "active"})
    factories.make_contact("left@mail.example", topics={"action-alerts": "unsubscribed"})
    suppression.suppress("left@mail.example", "unsubscribe")
    factories.make_contact("bounced@mail.example", topics={"action-alerts": "active"})
    suppression.suppress("bounced@mail.example", "hard_bounce")
    db.session.commit()
    answers = []
    for kind in ("new", "active", "left", "bounced"):
        response = filled_in(client, f"{kind}@mail.example")
        answers.append((response.status_code, response.location, response.data, client.get(response.location).data))
    assert len(set(answers)) == 1
    assert mails("active@mail.example")[0][0] == "You are already subscribed"
    assert mails("left@mail.example")[0][0] == "Please confirm your e-mail address"
    assert mails("bounced@mail.example") == []


def test_an_active_subscriber_who_wants_another_topic_confirms_it(client):
    factories.make_contact(AMINA, topics={"action-alerts": "active"})
    db.session.commit()
    filled_in(client, topics=["action-alerts", "webinars"])
    assert topics_of() == {"action-alerts": "active", "webinars": "pending"}
    assert mails()[0][0] == "Please confirm your e-mail address"


def test_what_is_typed_about_a_known_person_waits_for_the_confirmation(client):
    factories.make_contact(AMINA, first_name="Amina", topics={"action-alerts": "active"})
    db.session.commit()
    filled_in(client, first_name="Mallory", zip_code="02110", topics=["research"])
    assert (person().first_name, person().zip_code) == ("Amina", "")


def test_one_address_gets_three_mails_a_day_however_many_networks_ask(client):
    for number in range(40):
        response = filled_in(client, network=f"198.51.{number}.9")
        assert response.status_code == 303
    assert len(mails()) == 3


def test_one_network_signs_ten_addresses_up_in_an_hour(client):
    answers = []
    with within_an_hour():
        for number in range(12):
            address, network = f"p{number}@mail.example", f"203.0.113.{number}"
            answer = filled_in(client, address, network=network)
            if challenge(answer.text):
                answer = sent_again(client, answer.text, address, network=network, altcha=solution(answer.text))
            answers.append(answer)
    assert [answer.status_code for answer in answers] == [303] * 10 + [429] * 2
    assert "send the form again in" in answers[-1].text
    assert 'value="p11@mail.example"' in answers[-1].text
    assert int(answers[-1].headers["Retry-After"]) <= 70 * 60
    assert db.session.query(Contact).count() == 10


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_typed_word_reaches_the_confirmation_mail(client, attack):
    filled_in(client, first_name=attack, last_name=attack, organization_name=attack)
    assert attack not in str(mails())


def test_the_source_of_a_visit_is_kept_through_the_form(client):
    factories.make_organization("Harbor House", is_member=True, via="harbor")
    db.session.commit()
    filled_in(client, url="/signup?via=harbor&utm_source=flyer&utm_campaign=spring")
    source = db.session.get(Source, sign_ups()[0].source_id)
    assert (source.kind, source.label, source.utm_campaign) == ("member", "Harbor House", "spring")


def test_the_source_of_a_supporter_is_credited(client):
    factories.make_contact("friend@mail.example", share_code="abc123")
    db.session.commit()
    filled_in(client, url="/signup?via=abc123")
    source = db.session.get(Source, sign_ups()[0].source_id)
    assert (source.kind, source.code) == ("supporter", "abc123")


def test_an_over_long_source_is_cut_and_not_refused(client):
    assert filled_in(client, url="/signup?utm_source=" + "x" * 5000).status_code == 303
    assert len(db.session.get(Source, sign_ups()[0].source_id).utm_source) == 100


def test_only_the_network_of_a_visitor_is_kept(client):
    filled_in(client, network="203.0.113.77")
    assert db.session.query(SignUp).one().ip == "203.0.113.0/24"


def test_reading_the_form_changes_nothing(client):
    for method in ("GET", "HEAD", "OPTIONS"):
        client.open("/signup?via=x", method=method)
    assert db.session.query(Source).count() == 0


def test_a_sign_up_is_stored_under_the_wording_that_it_showed(client):
    page = client.get("/signup")
    shown = db.session.query(Contact).count()
    newer = factories.make_wording("en")
    db.session.commit()
    data = {"email": AMINA, "consent": "y", "language": "en", **hidden(page.text)}
    posted(client, data)
    assert shown == 0
    assert sign_ups()[0].wording_id < newer.id
    assert states(person()) == {"action-alerts": "pending"}


def test_an_address_that_may_get_nothing_leaves_no_trace(client):
    suppression.suppress(AMINA, "erased")
    db.session.commit()
    assert filled_in(client).status_code == 303
    assert person() is None and sign_ups() == [] and mails() == []
