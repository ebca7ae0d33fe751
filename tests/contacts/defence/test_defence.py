"""Suspicious forms: robots get nothing through, people do, and nobody learns who is known."""

import pytest

from crm import create_app
from crm.base.signing import sign
from crm.contacts.defence import proof
from crm.contacts.models import Contact
from crm.extensions import db
from tests import factories
from tests.contacts.defence.forms import NETWORK, busy, challenge, sent_again, solution
from tests.contacts.people import filled_in, mails

pytestmark = pytest.mark.usefixtures("one_hour")


def test_below_the_level_nobody_sees_a_check(client):
    assert challenge(client.page("/signup").text) is None
    busy(client)


def test_a_robot_that_solves_nothing_gets_nothing_through(client):
    busy(client)
    for number in range(5):
        answer = filled_in(client, f"victim{number}@mail.example", altcha="bm9uc2Vuc2U=", ticket="made.up")
        assert (answer.status_code, bool(challenge(answer.text))) == (422, True)
        assert mails(f"victim{number}@mail.example") == []
    assert db.session.query(Contact).count() == 7


def test_a_person_whose_browser_solves_the_check_gets_through_once(client):
    busy(client)
    shown = filled_in(client, "amina@mail.example", first_name="Amina")
    assert 'value="Amina"' in shown.text and 'value="amina@mail.example"' in shown.text
    proven = solution(shown.text)
    assert sent_again(client, shown.text, "amina@mail.example", altcha=proven).status_code == 303
    assert len(mails("amina@mail.example")) == 1
    assert sent_again(client, shown.text, "other@mail.example", altcha=proven).status_code == 422
    assert mails("other@mail.example") == []


def test_a_person_without_scripts_gets_through_by_waiting(client):
    busy(client)
    shown = filled_in(client, "amina@mail.example")
    assert "please wait 20 seconds" in shown.text
    early = sent_again(client, shown.text, "amina@mail.example", after=13)
    assert early.status_code == 422 and "please wait 12 seconds" in early.text
    assert sent_again(client, early.text, "amina@mail.example", after=30).status_code == 303
    assert len(mails("amina@mail.example")) == 1
    assert sent_again(client, early.text, "other@mail.example", after=30).status_code == 422


def test_waiting_is_good_for_three_forms_an_hour(client):
    for _ in range(3):
        filled_in(client, network="198.51.100.7", stamp="forged")
    answers = []
    for number in range(4):
        shown = filled_in(client, f"slow{number}@mail.example", network="198.51.100.7")
        answers.append(
            sent_again(client, shown.text, f"slow{number}@mail.example", after=25, network="198.51.100.7").status_code
        )
    assert answers == [303, 303, 303, 422]


@pytest.mark.parametrize("values", [{"stamp": "forged"}, {"fax": "x"}])
def test_who_fills_the_trap_or_forges_stamps_again_and_again_is_checked(client, values):
    for _ in range(2):
        filled_in(client, **values)
    assert filled_in(client, "first@mail.example").status_code == 303
    filled_in(client, **values)
    assert challenge(filled_in(client, "second@mail.example").text)
    assert filled_in(client, "third@mail.example", network="198.51.100.7").status_code == 303


def test_a_rush_over_many_networks_is_checked_everywhere(client):
    client.application.config["FORMS_RUSH"] = 16
    networks = [f"198.51.{number}.7" for number in range(200)]
    sent = [filled_in(client, f"p{n}@mail.example", network=at).status_code for n, at in enumerate(networks)]
    assert sent.count(303) == 16
    client.application.config["FORMS_RUSH"] = 0
    assert filled_in(client, "late@mail.example", network="192.0.2.7").status_code == 303


def test_known_unknown_and_blocked_addresses_get_the_same_check(client):
    factories.make_contact("known@mail.example", topics={"action-alerts": "active"})
    db.session.commit()
    busy(client)
    known, new = (filled_in(client, f"{kind}@mail.example") for kind in ("known", "fresh"))
    drop = {challenge(page.text) for page in (known, new)}
    assert len(drop) == 2
    for kind, page in (("known", known), ("fresh", new)):
        assert page.status_code == 422
        answer = sent_again(client, page.text, f"{kind}@mail.example", altcha=solution(page.text))
        assert (answer.status_code, answer.location) == (303, "/signup/sent?lang=en")


def test_the_counters_hold_over_two_applications_on_one_database(client, settings):
    busy(client)
    shown = filled_in(client, "amina@mail.example")
    proven = solution(shown.text)
    assert sent_again(client, shown.text, "amina@mail.example", altcha=proven).status_code == 303
    db.session.remove()
    other = create_app(settings)
    with other.app_context():
        browser = other.test_client()
        fresh = filled_in(browser, "elsewhere@mail.example")
        assert fresh.status_code == 422 and challenge(fresh.text)
        assert sent_again(browser, fresh.text, "elsewhere@mail.example", altcha=proven).status_code == 422
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize(
    "payload", ["", "x", "W10=", "e30=", "eyJjaGFsbGVuZ2UiOiAieCIsICJzb2x1dGlvbiI6IDF9", "A" * 9000]
)
def test_what_is_no_solution_is_none(app, payload):
    assert not proof.solved(payload)


def test_a_ticket_of_another_purpose_is_none(app):
    assert proof.seconds_left(sign("sign_up_form", "1", dated=True)) is None


def test_staff_see_what_was_stopped_by_day_and_no_address(client, as_bob):
    busy(client)
    filled_in(client, "victim@mail.example")
    filled_in(client, "victim@mail.example", fax="x", network="198.51.100.7")
    page = as_bob.page("/staff/delivery/forms/").text
    assert "Asked for the check" in page and 'data-label="Filled the hidden field" class="number">1<' in page
    assert "victim" not in page and NETWORK.rpartition(".")[0] not in page
