"""Pages of organizations."""

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.organizations.models import Organization
from tests import factories


def one(name):
    db.session.expire_all()
    return db.session.scalars(select(Organization).where(Organization.name == name)).one()


def test_a_member_gets_a_code_and_a_ready_link(as_oscar):
    assert "No organizations yet" in as_oscar.page("/staff/organizations/").text
    as_oscar.page("/staff/organizations/new")
    data = {
        "name": "Harbor College & Friends",
        "kind": "educator",
        "website": "https://harbor.example",
        "is_member": "y",
    }
    page = as_oscar.send("/staff/organizations/new", data)
    assert "http://crm.example/signup?via=harbor-college-friends" in page.text
    page = as_oscar.page("/staff/organizations/")
    assert "Harbor College &amp; Friends" in page.text and "signup?via=harbor-college-friends" in page.text


def test_two_members_of_like_names_get_codes_of_their_own(as_oscar):
    for name in ("Harbor College", "Harbor-College"):
        as_oscar.send("/staff/organizations/new", {"name": name, "kind": "educator", "is_member": "y"})
    assert (one("Harbor College").via, one("Harbor-College").via) == ("harbor-college", "harbor-college-2")


def test_an_organization_that_is_no_member_needs_no_code(as_oscar):
    as_oscar.send("/staff/organizations/new", {"name": "The Paper", "kind": "media", "via": ""})
    assert (one("The Paper").via, one("The Paper").is_member) == (None, False)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": ""}, "Give the name."),
        ({"name": "harbor COLLEGE"}, "There is an organization of that name already"),
        ({"via": "harbor"}, "Another organization has that code"),
        ({"via": "no spaces"}, "Use letters a to z"),
        ({"via": "0123456789ab"}, "Use letters a to z"),
        ({"website": "javascript:alert(1)"}, "Give the whole address"),
        ({"website": "https://[bad"}, "Give the whole address"),
    ],
)
def test_what_cannot_be_saved_is_shown_again_as_typed(as_oscar, values, message):
    factories.make_organization("Harbor College", via="harbor", is_member=True)
    db.session.commit()
    page = as_oscar.send("/staff/organizations/new", {"name": "New One", "kind": "other", "via": "new", **values})
    assert message in page.text
    assert len(db.session.scalars(select(Organization)).all()) == 1


def test_an_organization_is_edited_and_keeps_its_own_name_and_code(as_oscar):
    organization = factories.make_organization("Harbor College", via="harbor", is_member=True)
    db.session.commit()
    url = f"/staff/organizations/{organization.id}"
    assert "signup?via=harbor" in as_oscar.page(url).text
    as_oscar.send(url, {"name": "Harbor College", "kind": "educator", "via": "HARBOR", "is_member": "y", "version": 1})
    assert (one("Harbor College").kind, one("Harbor College").via) == ("educator", "harbor")
    as_oscar.page("/staff/organizations/999", status=404)


def test_the_list_can_be_searched_and_kept_to_members(as_bob):
    factories.make_organization("Harbor College", is_member=True)
    factories.make_organization("The Paper")
    db.session.commit()
    assert "The Paper" not in as_bob.page("/staff/organizations/?members=1").text
    assert "Harbor" not in as_bob.page("/staff/organizations/?q=paper").text
    assert "No organization matches" in as_bob.page("/staff/organizations/?q=zzz").text
    as_bob.send("/staff/organizations/new", {"name": "X"}, status=403)


@pytest.mark.parametrize("role", ["organizer", "admin"])
def test_a_members_staff_edit_no_other_member_and_decide_not_who_is_one(client_of, role):
    north, south = (factories.make_organization(name, is_member=True, via=name.lower()) for name in ("North", "South"))
    paper = factories.make_organization("The Paper")
    browser = client_of(factories.make_user(role, organization_id=south.id))
    address = "/staff/organizations/"
    values = {"kind": "other", "is_member": "y", "via": "taken", "version": 1}
    browser.page(f"{address}{north.id}", status=403)
    assert browser.post(f"{address}{north.id}", data={**values, "name": "Worse"}).status_code == 403
    page = browser.page(address).text
    assert f'{address}{north.id}"' not in page and f'{address}{south.id}"' in page
    for number, name in ((south.id, "South Side"), (paper.id, "Paper"), ("new", "Newest")):
        assert "A member of the coalition" not in browser.page(f"{address}{number}").text
        browser.send(f"{address}{number}", {**values, "name": name, "is_member": "y" if name != "South Side" else ""})
    told = [(name, one(name).is_member, one(name).via) for name in ("North", "South Side", "Paper", "Newest")]
    assert told == [
        ("North", True, "north"),
        ("South Side", True, "south"),
        ("Paper", False, None),
        ("Newest", False, None),
    ]
