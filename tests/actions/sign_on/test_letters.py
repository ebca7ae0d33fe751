"""Letters of organizations: an authorized person signs, staff accept, the letter is handed over."""

import io
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select, update

from crm.actions.models import Action
from crm.actions.sign_on import logos
from crm.actions.sign_on.models import LetterDelivery, SignOn
from crm.base import clock, sqlite_writing, uploaded_pictures
from crm.base.acted import acted
from crm.base.registries import erasures, metrics
from crm.base.segment_fields import segment_fields
from crm.contacts.models import Contact, Source
from crm.extensions import db
from crm.influencers.models import Interaction
from tests import factories
from tests.actions.makers import send
from tests.contacts.people import AMINA, confirm_path, hidden, mails, path, person, sign_ups

PAGE = "/actions/open-the-door"
WHO = {"organization_name": "Harbor College", "signer_title": "Director", "authorized": "y"}


@pytest.fixture
def letter(app) -> Action:
    """A letter that organizations sign."""
    values = {"slug": "open-the-door", "kind": "sign_on", "state": "published", "options": {}}
    action = factories.add(Action(**values, titles={"en": "Open the door"}, bodies={"en": "To the board"}))
    db.session.commit()
    return action


def sign(client, email=AMINA, **values):
    """Sign for an organization, and confirm; returns the page that thanks."""
    answer = send(client, email, url=PAGE, **{**WHO, **values})
    assert answer.status_code == 303, answer.text
    return client.send(confirm_path(email))


def rows() -> list[SignOn]:
    db.session.expire_all()
    return list(db.session.scalars(select(SignOn).order_by(SignOn.id)))


def decide(browser, row, to, status=200, seen=None):
    """Press the button of a list that was opened now, or when the organization had the logo that was seen."""
    typed = {"to": to, "logo": row.logo_digest if seen is None else seen}
    return browser.send(f"/staff/actions/{row.action_id}/organizations/{row.id}", typed, status=status)


def picture(size=(900, 300), kind="PNG") -> io.BytesIO:
    target = io.BytesIO()
    Image.new("RGB", size, "navy").save(target, kind)
    target.seek(0)
    return target


def test_an_organization_stands_under_the_letter_once_staff_accept_it(letter, client, as_oscar):
    assert send(client, url=PAGE, **{**WHO, "authorized": ""}).status_code == 422
    sign(client)
    (row,) = rows()
    assert (row.state, row.signer) == ("waiting", "Amina Odeh") and "Harbor College" not in client.page(PAGE).text
    decide(as_oscar, row, "accepted")
    assert "Harbor College" in client.page(PAGE).text and "Director" in client.page(f"{PAGE}/letter").text
    decide(as_oscar, row, "declined")
    assert "Harbor College" not in client.page(f"{PAGE}/letter").text


def test_an_organization_signs_once_whoever_signs_and_however_it_is_written(letter, client, as_oscar):
    sign(client)
    page = sign(client, "lena@mail.example", organization_name="  HARBOR   college").text
    assert "Somebody has signed for your organization before" in page and 'type="file"' not in page
    assert [row.signer for row in rows()] == ["Amina Odeh"]
    decide(as_oscar, rows()[0], "declined")
    sign(client, "samir@mail.example", first_name="Samir", after=timedelta(minutes=3))
    assert [(row.signer, row.state) for row in rows()] == [("Samir Odeh", "waiting")]


def test_a_member_s_own_staff_decide_for_their_member_alone(letter, client, client_of):
    harbor = factories.make_organization("Harbor College", is_member=True, via="harbor")
    north = factories.make_organization("North Aid", is_member=True, via="north")
    ours, theirs = (factories.make_user("organizer", organization_id=one.id) for one in (harbor, north))
    sign(client)
    url = f"/staff/actions/{letter.id}/organizations/{rows()[0].id}"
    assert client_of(theirs).post(url, data={"to": "accepted"}).status_code == 403
    decide(client_of(ours), rows()[0], "accepted")
    own = f"/staff/actions/{letter.id}/organizations/own"
    client_of(theirs).send(own, {"signer": "Nora North", "signer_title": "Chair"})
    assert [(row.name, row.state) for row in rows()] == [("Harbor College", "accepted"), ("North Aid", "accepted")]
    assert (
        "stands in the list already" in client_of(ours).send(own, {"signer": "A", "signer_title": "B"}, status=422).text
    )


def test_who_signs_after_the_soft_deadline_is_marked_and_after_the_hard_one_refused(letter, client, as_bob):
    letter.soft_closes_at = clock.now() - timedelta(hours=1)
    db.session.commit()
    assert "are added to it" in client.page(PAGE).text
    sign(client)
    assert "after the soft deadline" in as_bob.page(f"/staff/actions/{letter.id}/organizations/").text
    letter.closes_at = clock.now()
    db.session.commit()
    assert client.post(PAGE, data=WHO).status_code == 410


def test_a_logo_is_painted_anew_and_public_once_the_organization_is(letter, client, as_oscar):
    page = sign(client)
    url = page.request.path + "/logo"
    page = client.send(url, {"logo": (io.BytesIO(b"<svg onload=alert(1)>"), "a.svg")})
    assert "cannot be read as a picture" in page.text
    client.send(url, {"logo": (picture(), "logo.png")})
    (row,) = rows()
    shown = f"{PAGE}/logos/{row.id}"
    assert client.get(shown).status_code == 404
    decide(as_oscar, row, "accepted")
    assert Image.open(io.BytesIO(client.get(shown).data)).size == (400, 133) and shown in client.page(PAGE).text


def test_whoever_signed_takes_the_organization_off_at_once(letter, client, as_oscar):
    sign(client)
    decide(as_oscar, rows()[0], "accepted")
    link = path(next(merge["withdraw_url"] for _, merge in mails() if "withdraw_url" in merge))
    client.page(link)
    client.send(link)
    assert rows()[0].state == "withdrawn" and "Harbor College" not in client.page(PAGE).text
    assert all(one.details == {} for one in sign_ups())  # Name and title were typed into the form.


def test_the_delivery_stands_among_the_interactions_with_the_influencer(letter, client, as_oscar):
    sign(client)
    url = f"/staff/actions/{letter.id}/organizations/delivery"
    typed = {"delivered_on": clock.today().isoformat(), "way": "meeting", "note": "She read it at once."}
    assert "Choose under “Edit” the ask" in as_oscar.send(url, typed, status=422).text
    letter.ask_id = factories.make_ask().id
    db.session.commit()
    assert "Accept some first" in as_oscar.send(url, typed, status=422).text
    decide(as_oscar, rows()[0], "accepted")
    page = as_oscar.page(url.removesuffix("delivery")).text
    as_oscar.send(url, {**hidden(page), **typed})
    (told,) = db.session.scalars(select(Interaction)).all()
    assert "Harbor College" in told.summary and "She read it" in told.summary and told.contact_id
    assert f"/staff/interactions/{told.id}" in as_oscar.page(url.removesuffix("delivery")).text


def test_who_is_forgotten_leaves_the_organization_without_a_name(letter, client, as_oscar):
    sign(client)
    decide(as_oscar, rows()[0], "accepted")
    erasures["sign-ons"].forget(person().id)
    db.session.delete(person())
    db.session.commit()
    page = client.page(f"{PAGE}/letter").text
    assert "Harbor College" in page and "Odeh" not in page and "Director" not in page


def test_the_link_of_who_signed_before_takes_nobody_else_off(letter, client, as_oscar):
    sign(client)
    first = path(next(merge["withdraw_url"] for _, merge in mails() if "withdraw_url" in merge))
    decide(as_oscar, rows()[0], "declined")
    sign(client, "samir@mail.example", first_name="Samir", after=timedelta(minutes=3))
    assert client.post(first).status_code == 410
    assert [(row.signer, row.state) for row in rows()] == [("Samir Odeh", "waiting")]


def test_a_logo_that_nobody_has_looked_at_is_never_public(letter, client, as_oscar):
    page = sign(client)
    decide(as_oscar, rows()[0], "accepted")
    told = client.send(page.request.path + "/logo", {"logo": (picture(), "logo.png")}).text
    assert "looked at already" in told and rows()[0].logo_digest == ""


def test_staff_who_decide_while_a_logo_is_painted_wait_for_nobody_and_it_is_not_shown(letter, client, monkeypatch):
    url = sign(client).request.path + "/logo"
    paint = logos.painted

    def painted_slowly(stream):
        with db.engine.begin() as other:
            other.execute(update(SignOn).values(state="accepted"))
        return paint(stream)

    monkeypatch.setattr(sqlite_writing, "BUSY_SECONDS", 0)
    monkeypatch.setattr(logos, "painted", painted_slowly)
    assert "looked at already" in client.send(url, {"logo": (picture(), "logo.png")}).text
    assert [(row.state, row.logo_digest) for row in rows()] == [("accepted", "")]


@pytest.mark.usefixtures("one_hour")
def test_whoever_signed_sends_ten_logos_an_hour(letter, client):
    url = sign(client).request.path + "/logo"
    for width in range(900, 910):
        assert "the logo is kept" in client.send(url, {"logo": (picture((width, 300)), "logo.png")}).text
    kept = rows()[0].logo_digest
    assert "Too many files" in client.send(url, {"logo": (picture((300, 300)), "logo.png")}).text
    assert rows()[0].logo_digest == kept


def test_a_photograph_is_read_no_larger_than_a_logo_needs(monkeypatch):
    read, turn = [], uploaded_pictures.upright
    monkeypatch.setattr(uploaded_pictures, "upright", lambda image: read.append(image.size) or turn(image))
    painted = Image.open(io.BytesIO(logos.painted(picture((4000, 3000), "JPEG"))))
    assert painted.size == (213, 160) and read == [(500, 375)]


def test_an_organization_is_accepted_with_the_logo_that_was_looked_at_alone(letter, client, as_oscar):
    url = sign(client).request.path + "/logo"
    client.send(url, {"logo": (picture(), "logo.png")})
    listed = hidden(as_oscar.page(f"/staff/actions/{letter.id}/organizations/").text)
    assert listed["logo"] == rows()[0].logo_digest
    client.send(url, {"logo": (picture((300, 300)), "logo.png")})
    assert "has another logo now" in decide(as_oscar, rows()[0], "accepted", seen=listed["logo"]).text
    assert rows()[0].state == "waiting"
    decide(as_oscar, rows()[0], "accepted")
    assert rows()[0].state == "accepted"


def test_a_delivery_names_who_had_signed_by_its_day_and_late_ones_only_where_they_stood_in_it(letter, client, as_oscar):
    letter.ask_id, letter.soft_closes_at = factories.make_ask().id, clock.now() + timedelta(days=1)
    sign(client)
    sign(client, "lena@mail.example", organization_name="North Aid")
    for row, days in zip(rows(), (-5, -1), strict=True):
        row.state, row.at = "accepted", clock.now() + timedelta(days=days)
    db.session.commit()
    url = f"/staff/actions/{letter.id}/organizations/delivery"

    def delivered(days: int, **typed) -> int:
        day = (clock.today() - timedelta(days=days)).isoformat()
        page = as_oscar.page(url.removesuffix("delivery")).text
        as_oscar.send(url, {**hidden(page), "delivered_on": day, "way": "meeting", **typed})
        return db.session.scalars(select(LetterDelivery).order_by(LetterDelivery.id.desc())).first().organizations

    assert (delivered(3), delivered(0)) == (1, 2)
    letter.soft_closes_at = clock.now() - timedelta(days=3)
    db.session.commit()
    assert (delivered(0), delivered(0, late="y")) == (1, 2)


def test_an_organization_counts_for_goals_and_for_who_brought_its_signer_once_it_is_accepted(letter, client, as_oscar):
    factories.make_organization("North Aid", is_member=True, via="north")
    db.session.commit()
    sign(client, query="?via=north")
    (row,) = rows()
    day = (clock.now() - timedelta(days=1), clock.now() + timedelta(days=1))
    assert metrics["sign_ons"].count(*day) == 0
    decide(as_oscar, row, "accepted")
    assert metrics["sign_ons"].count(*day) == 1
    done = acted["sign_ons"].who(select(Source.id).where(Source.label == "North Aid"))
    assert [found.contact_id for found in db.session.execute(done)] == [row.contact_id]
    signers = select(Contact.id).where(segment_fields["signed_for"].condition("is", str(letter.id)))
    actives = select(Contact.id).where(segment_fields["last_acted"].condition("since", day[0].date().isoformat()))
    assert db.session.scalars(signers).all() == db.session.scalars(actives).all() == [row.contact_id]
    decide(as_oscar, row, "declined")
    assert metrics["sign_ons"].count(*day) == 0 and db.session.scalars(signers).all() == []
