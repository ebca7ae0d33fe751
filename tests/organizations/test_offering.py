"""What members offer: found by state, profession and language, and written by those whose it is."""

import pytest

from crm.extensions import db
from crm.organizations.offering import finding
from crm.organizations.offering.finding import Wish
from crm.organizations.offering.models import MemberService
from tests import factories


def service(member, name="Study circles", **values):
    defaults = {"names": {"en": name}, "descriptions": {}, "states": [], "professions": [], "languages": []}
    return factories.add(MemberService(organization_id=member.id, **{**defaults, **values}))


def make_member(name="Harbor House", via="harbor", **values):
    return factories.make_organization(name, is_member=True, via=via, **values)


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("wish", "local", "national"),
    [
        (Wish(), ["Nurses of MA", "Anything in MA"], ["Engineers everywhere"]),
        (Wish(state="MA", profession="nursing"), ["Nurses of MA", "Anything in MA"], []),
        (Wish(state="MA", profession="law"), ["Anything in MA"], []),
        (Wish(state="TX", profession="engineering"), [], ["Engineers everywhere"]),
        (Wish(state="MA", language="es"), ["Nurses of MA"], []),
        (Wish(state="MA", language="en"), ["Nurses of MA", "Anything in MA"], ["Engineers everywhere"]),
    ],
)
def test_services_are_found_by_state_profession_and_language(app, wish, local, national):
    member = make_member()
    service(member, "Nurses of MA", states=["MA"], professions=["nursing"], languages=["es"])
    service(member, "Anything in MA", states=["MA", "RI"])
    service(member, "Engineers everywhere", professions=["engineering"])
    service(member, "Hidden", shown=False)
    service(factories.make_organization("No member"), "Of no member")
    found = finding.find(wish)
    assert [one.name for one in found.local] == local
    assert [one.name for one in found.national] == national


def test_where_nothing_fits_what_else_may_help_is_told(app):
    member = make_member()
    service(member, "Nurses of RI", states=["RI"], professions=["nursing"])
    service(member, "Teachers of MA", states=["MA"], professions=["teaching"])
    found = finding.find(Wish(state="MA", profession="nursing"))
    assert not found.local and not found.national
    assert [(name, less, number) for name, less, number in found.wider] == [
        ("profession", Wish(state="MA"), 1),
        ("state", Wish(profession="nursing"), 1),
    ]
    assert [one.name for one in found.nearby] == ["Nurses of RI"]


def test_staff_write_what_a_member_offers_and_visitors_find_it(app, as_oscar, client):
    member = make_member()
    db.session.commit()
    base = f"/staff/organizations/{member.id}"
    assert "No services yet" in as_oscar.page(f"{base}/public").text
    as_oscar.send(f"{base}/public", {"about": "We read diplomas.\nWith you.", "phone": "617 555 0100", "version": "1"})
    values = {"name": "Loans", "name_es": "Préstamos", "states": ["MA"], "languages": ["es"], "shown": "y"}
    as_oscar.send(f"{base}/services/new", values)
    page = client.page("/members/harbor").text
    assert "We read diplomas." in page and "Loans" in page and 'href="tel:6175550100"' in page
    assert "Préstamos" in client.page("/members/harbor?lang=es").text
    kept = db.session.query(MemberService).one()
    as_oscar.send(f"{base}/services/{kept.id}", values | {"shown": "", "version": "1"})
    assert "Loans" not in client.page("/members/harbor?lang=en").text


def test_staff_of_a_member_write_what_is_theirs_alone(app, client_of):
    own, other = make_member(), make_member("North House", "north")
    nora = factories.make_user("organizer", organization_id=own.id)
    theirs = service(other)
    db.session.commit()
    browser = client_of(nora)
    assert browser.get(f"/staff/organizations/{own.id}/public").status_code == 200
    assert browser.get(f"/staff/organizations/{other.id}/public").status_code == 403
    assert browser.post(f"/staff/organizations/{own.id}/services/{theirs.id}", data={"name": "x"}).status_code == 404
    assert browser.post(f"/staff/organizations/{other.id}/services/{theirs.id}/delete").status_code == 403


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_looking_for_help_leaves_no_trace(app, client):
    service(make_member(website="https://harbor.example"), states=["MA"])
    db.session.commit()
    answer = client.page("/help?state=MA&profession=nursing&language=&lang=es")
    assert "Study circles" in answer.text
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert '<input type="hidden" name="lang" value="es">' in answer.text
    empty = client.page("/help?state=TX&profession=&language=").text
    assert "/help?state=&amp;profession=&amp;language=" in empty
    assert "All states" in client.page("/help?state=nonsense&profession=%27&language=xx").text
