"""The staff list of people: search, filter, sort, page, tag many, export, add."""

import csv
import io
from urllib.parse import urlencode

import html5lib
import pytest
from sqlalchemy import func, select

from crm.base import clock
from crm.base.models import AuditEntry
from crm.contacts import subscriptions, tagging
from crm.contacts.models import ConsentRecord, Contact, Segment, SignUp, Tag, contact_tag
from crm.delivery import suppression
from crm.delivery.models import Delivery
from crm.extensions import db
from crm.organizations import coalition
from tests import factories


@pytest.fixture
def people(app):
    make = factories.make_contact
    make("amina@mail.example", topics={"research": "active"}, first_name="Amina", last_name="Haddad", state="MA")
    make("bea@mail.example", topics={"research": "pending"}, first_name="Bea", last_name="Álvarez", zip_code="02116")
    make("carol@mail.example", topics={"research": "unsubscribed"}, first_name="Carol", last_name="Zuñiga")
    make("dina@mail.example", first_name="Dina", last_name="Brown", organization_name="Harbor Clinic")
    db.session.commit()


def shown(page: str) -> list[str]:
    """Return the addresses on a page of the list, in their order."""
    return [
        part.split("</bdi>")[0]
        for part in page.split('<td data-label="E-mail"><bdi>')
        if "@mail.example" in part.split("</bdi>")[0]
    ]


def count_tagged(name: str) -> int:
    return db.session.scalar(
        select(func.count()).select_from(contact_tag.join(Tag, Tag.id == contact_tag.c.tag_id)).where(Tag.name == name)
    )


def test_an_empty_list_says_what_to_do(as_oscar):
    page = as_oscar.page("/staff/people/").text
    assert "Nobody on record yet" in page
    assert 'href="/staff/imports/"' in page


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("?sort=name&order=asc", "dacb"),  # Letters beyond ASCII sort as the database has them.
        ("?sort=email&order=desc", "dcba"),
        ("?q=amina+haddad", "a"),
        ("?q=HARBOR", "d"),
        ("?q=02116", "b"),
        ("?q=100%25", ""),
        ("?status=active", "a"),
        ("?status=pending", "b"),
        ("?status=unsubscribed", "c"),
        ("?status=none", "d"),
        ("?topic=research", "a"),
        ("?state=MA", "a"),
        ("?zip=021", "b"),
        ("?confirmed_from=2020-01-01", "a"),
        ("?confirmed_before=2020-01-01", ""),
        ("?sort=nosuch&order=x&page=99999999999999999999", "dcba"),
    ],
)
def test_search_filters_and_sorting_find_the_right_people(people, as_bob, address, who):
    found = [email[0] for email in shown(as_bob.page(f"/staff/people/{address}").text)]
    assert sorted(found) == sorted(who)
    if "email" in address or "nosuch" in address:
        assert "".join(found) == who


def test_a_filter_that_cannot_be_read_is_named_and_left_out(people, as_bob):
    page = as_bob.page("/staff/people/?added_from=yesterday&segment=99").text
    assert "Added: write the date like 2026-03-31. This filter is left out." in page
    assert "There is no such segment any more." in page
    assert len(shown(page)) == 4


def test_each_filter_of_the_address_stands_in_the_form_and_so_stays_when_one_filters_further(people, as_bob):
    asked = {
        "answered": "field_of_work",
        "shares_with": "1",
        "form": "7",
        "resting": "yes",
        "signed_from": "2026-01-02",
    }
    asked |= dict.fromkeys(("state", "source", "provider"), "MI") | {"q": "a", "confirmed_before": "2030-01-01"}
    page = as_bob.page(f"/staff/people/?{urlencode(asked)}").text
    form = html5lib.parse(page.split('aria-label="Filter people">')[1].split("</form>")[0], namespaceHTMLElements=False)
    typed = {field.get("name"): field.get("value") for field in form.iter("input") if field.get("value")}
    chosen = {
        field.get("name"): option.get("value")
        for field in form.iter("select")
        for option in field
        if option.get("selected") is not None and option.get("value")
    }
    assert {**typed, **chosen} == asked


def test_long_lists_are_paged_and_the_filter_stays(app, as_bob):
    for number in range(120):
        factories.make_contact(f"p{number}@mail.example", state="MA")
    db.session.commit()
    first = as_bob.page("/staff/people/?state=MA").text
    assert len(shown(first)) == 50
    assert "1–50 of 120" in first
    last = as_bob.page("/staff/people/?state=MA&page=3").text
    assert len(shown(last)) == 20
    assert "state=MA" in last.split('rel="prev"')[0].rsplit("href", 1)[1]


def test_the_people_ticked_are_tagged(people, as_oscar):
    ids = [contact.id for contact in db.session.scalars(select(Contact).limit(2))]
    page = as_oscar.send("/staff/people/tag", {"tag": " Nurses ", "which": "ticked", "do": "add", "id": ids}).text
    assert "Tagged 2 people with “Nurses”." in page
    assert count_tagged("Nurses") == 2
    assert "Tagged 0 people" in as_oscar.send("/staff/people/tag", {"tag": "Nurses", "do": "add", "id": ids}).text


def test_everybody_found_is_tagged_and_not_only_the_page(app, as_oscar, monkeypatch):
    monkeypatch.setattr(tagging, "CHUNK", 50)
    for number in range(120):
        factories.make_contact(f"p{number}@mail.example", state="MA" if number % 2 else "NY")
    db.session.commit()
    page = as_oscar.send("/staff/people/tag?state=MA", {"tag": "Bay State", "which": "all", "do": "add"}).text
    assert "Tagged 60 people" in page
    assert count_tagged("Bay State") == 60
    as_oscar.send("/staff/people/tag?state=MA", {"tag": "Bay State", "which": "all", "do": "remove"})
    assert count_tagged("Bay State") == 0


def test_tagging_nobody_or_with_nothing_says_so(people, as_oscar):
    assert "Nobody is ticked" in as_oscar.send("/staff/people/tag", {"tag": "x", "do": "add", "id": ["x", "²"]}).text
    assert "Enter a tag" in as_oscar.send("/staff/people/tag", {"tag": " ", "which": "all", "do": "add"}).text


UNREADABLE = (
    "added_from=yesterday",
    "segment=99",
    "segment=x",
    "segment={gone}",
    "confirmed_before=2026-02-30&topic=research",
)


@pytest.fixture
def gone(people):
    """A segment that asks for a field which no room offers any more."""
    condition = {"field": "gone", "test": "is", "value": "1"}
    segment = factories.add(Segment(name="Old", definition={"op": "and", "not": False, "items": [condition]}))
    db.session.commit()
    return segment.id


@pytest.mark.parametrize("query", UNREADABLE)
@pytest.mark.parametrize("do", ["add", "remove"])
def test_a_filter_that_cannot_be_read_tags_nobody(gone, as_oscar, query, do):
    everybody = db.session.scalars(select(Contact.id)).all()
    if do == "remove":
        tagging.add(everybody, "Nurses")
    url = f"/staff/people/tag?{query.format(gone=gone)}"
    page = as_oscar.send(url, {"tag": "Nurses", "which": "all", "do": do}).text
    assert "Tagged" not in page and "Took the tag" not in page
    assert count_tagged("Nurses") == (len(everybody) if do == "remove" else 0)


@pytest.mark.parametrize("query", UNREADABLE)
def test_a_filter_that_cannot_be_read_exports_nobody(gone, as_alice, query):
    answer = as_alice.post(f"/staff/people/export?{query.format(gone=gone)}", follow_redirects=True)
    assert answer.mimetype == "text/html"
    assert 'role="alert"' in answer.text
    assert db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "export")).all() == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("zone", ["Asia/Tokyo", "America/Los_Angeles"])
def test_a_filter_by_a_day_at_the_end_of_the_calendar_is_named_and_left_out(people, as_bob, day, zone):
    coalition.current().zone = zone
    db.session.commit()
    for name in ("added_from", "added_before", "confirmed_from", "confirmed_before"):
        assert "choose a year from 1900 to 2200" in as_bob.page(f"/staff/people/?{name}={day}").text


def test_an_id_that_no_database_holds_tags_nobody(people, as_oscar):
    form = {"tag": "x", "which": "ticked", "do": "add", "id": ["9" * 30, "-1"]}
    assert "Nobody is ticked" in as_oscar.send("/staff/people/tag", form).text


def test_an_export_is_safe_to_open_holds_who_was_found_and_is_written_down(people, as_alice):
    amina = db.session.scalars(select(Contact).where(Contact.email == "amina@mail.example")).one()
    amina.last_name = "=HYPERLINK(1)"
    db.session.commit()
    answer = as_alice.post("/staff/people/export?topic=research")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["email"] for row in rows] == ["amina@mail.example"]
    assert (rows[0]["last_name"], rows[0]["subscription_status"]) == ("'=HYPERLINK(1)", "subscribed")
    entry = db.session.scalars(select(AuditEntry).where(AuditEntry.verb == "export")).one()
    assert (entry.actor, entry.changes["people"]) == ("alice@bridgeway.example", 1)


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Etc/GMT+12"])
def test_an_export_is_named_by_the_day_of_the_coalition(people, as_alice, zone):
    coalition.current().zone = zone  # Between the two, it is never the same day.
    db.session.commit()
    told = as_alice.post("/staff/people/export").headers["Content-Disposition"]
    assert told == f'attachment; filename="people-{clock.today(zone)}.csv"'


def test_only_those_who_may_export_see_the_button(people, as_alice, as_oscar):
    assert "as CSV" in as_alice.page("/staff/people/").text
    assert "as CSV" not in as_oscar.page("/staff/people/").text
    assert as_oscar.post("/staff/people/export").status_code == 403


def test_somebody_added_gets_a_confirmation_mail_and_is_not_active_yet(app, as_oscar):
    form = {"email": "New@Mail.Example", "first_name": "Nora", "how": "ask", "language": "es", "topics": ["research"]}
    page = as_oscar.send("/staff/people/new", form).text
    assert "a confirmation mail is on its way" in page
    nora = db.session.scalars(select(Contact).where(Contact.email == "new@mail.example")).one()
    assert (nora.first_name, nora.source.kind, nora.language) == ("Nora", "staff", "es")
    assert subscriptions.states(nora) == {"research": "pending"}
    assert db.session.scalar(select(func.count()).select_from(SignUp)) == 1
    assert db.session.scalars(select(Delivery.address)).all() == ["new@mail.example"]


def test_somebody_added_is_active_only_with_a_reason(app, as_oscar):
    form = {"email": "new@mail.example", "how": "given", "language": "en", "reason": "yes"}
    assert "Write down how and when the person agreed" in as_oscar.send("/staff/people/new", form).text
    as_oscar.send("/staff/people/new", {**form, "reason": "Signed our paper form on May 3."})
    contact = db.session.scalars(select(Contact)).one()
    assert subscriptions.states(contact) == {"action-alerts": "active"}
    record = db.session.scalars(select(ConsentRecord)).one()
    assert record.evidence == {"statement": "Signed our paper form on May 3."}
    assert (record.method, record.actor) == ("staff", "oscar@bridgeway.example")
    assert db.session.scalars(select(Delivery)).all() == []


def test_somebody_without_an_address_can_be_kept_on_record(app, as_oscar):
    as_oscar.send("/staff/people/new", {"last_name": "Governor", "how": "none", "language": "en"})
    assert db.session.scalars(select(Contact)).one().email is None
    refused = as_oscar.send("/staff/people/new", {"last_name": "Mayor", "how": "ask", "language": "en"}).text
    assert "Without an e-mail address nobody can be subscribed" in refused
    assert 'value="Mayor"' in refused


def test_who_is_on_record_or_suppressed_is_not_added_again(people, as_oscar):
    suppression.suppress("gone@mail.example", "unsubscribe")
    db.session.commit()
    form = {"how": "given", "reason": "Told us so by telephone.", "language": "en"}
    known = as_oscar.send("/staff/people/new", {**form, "email": "Amina@mail.example"}).text
    assert "amina@mail.example is on record already: Amina Haddad." in known
    assert "Open the record of" in known
    gone = as_oscar.send("/staff/people/new", {**form, "email": "gone@mail.example"}).text
    assert (
        "This address gets no mail from us (" in gone
        and "only keep the person on record" in gone
        and "_bounce" not in gone
    )
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 4


def test_a_viewer_sees_the_list_without_its_tools(people, as_bob):
    page = as_bob.page("/staff/people/").text
    assert "Add the tag" not in page
    assert "Add a person" not in page
