"""The pages that find two records and make them one."""

import re
import threading

import pytest
from sqlalchemy import func, select

from crm.contacts.keys import name_key_of
from crm.contacts.merging import pairs
from crm.contacts.models import Contact
from crm.extensions import db
from tests import factories
from tests.questions import asked


def make(email, **values):
    return factories.make_contact(email, **{"first_name": "José", "last_name": "Núñez", **values})


@pytest.fixture
def both(app):
    kept, gone = make("jose@mail.example", city="Boston"), make("jose@work.example", first_name="jose", city="Quincy")
    gone.phone = "(617) 555-0100"
    db.session.commit()
    return kept, gone


def seen(page):
    return re.search(r'name="seen"[^>]*value="([0-9a-f]+)"', page)[1]


def test_two_records_are_found_compared_and_merged(as_oscar, both):
    kept, gone = both
    gone_id = gone.id
    page = as_oscar.page(f"/staff/people/{kept.id}").text
    assert "Merge with another record" in page
    page = as_oscar.page(f"/staff/people/{kept.id}/merge").text
    assert "May be the same person" in page and "jose@work.example" in page
    page = as_oscar.page(f"/staff/people/{kept.id}/merge?q=work.example").text
    assert f"/staff/people/{kept.id}/merge/{gone.id}" in page
    page = as_oscar.page(f"/staff/people/{kept.id}/merge/{gone.id}").text
    assert "Quincy" in page and "(617) 555-0100" in page and "This cannot be undone" in page
    answer = as_oscar.send(
        f"/staff/people/{kept.id}/merge/{gone.id}", {"seen": seen(page), "choice-city": "gone", "choice-email": "kept"}
    )
    for words in ("The two records are one now", "Quincy", "(617) 555-0100", "Formerly also", "jose@work.example"):
        assert words in answer.text
    assert "jose@mail.example" in as_oscar.page(f"/staff/people/{gone_id}").text  # Leads to the one that stays.
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1


def test_what_somebody_changed_meanwhile_is_shown_and_nothing_is_merged(as_oscar, both):
    kept, gone = both
    url = f"/staff/people/{kept.id}/merge/{gone.id}"
    old = seen(as_oscar.page(url).text)
    gone.city = "Salem"
    db.session.commit()
    page = as_oscar.send(url, {"seen": old, "choice-city": "gone"}, status=409).text
    assert "Somebody changed one of the two records meanwhile" in page and "Salem" in page
    assert re.search(r'id="city-gone"[^>]*checked', page)
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 2


def test_the_second_of_two_is_told_who_merged_meanwhile(as_oscar, as_alice, both):
    kept, gone = both
    url, back = f"/staff/people/{kept.id}/merge/{gone.id}", f"/staff/people/{gone.id}/merge/{kept.id}"
    first, second = seen(as_oscar.page(url).text), seen(as_alice.page(back).text)
    as_oscar.send(url, {"seen": first})
    page = as_alice.send(back, {"seen": second}).text
    assert "oscar@bridgeway.example has merged one of these two records" in page and "jose@mail.example" in page
    as_alice.send(f"/staff/people/{kept.id}/merge/999", {"seen": second}, status=404)
    as_alice.page(url, status=404)


def test_of_two_who_merge_the_same_at_the_same_moment_one_does(as_oscar, as_alice, both):
    kept, gone = both
    there, back = f"/staff/people/{kept.id}/merge/{gone.id}", f"/staff/people/{gone.id}/merge/{kept.id}"
    tries = [(browser, url, seen(browser.page(url).text)) for browser, url in ((as_oscar, there), (as_alice, back))]
    pages: list[str] = []
    start = threading.Barrier(2)

    def run(browser, url, token):
        start.wait(10)
        pages.append(browser.send(url, {"seen": token}).text)

    threads = [threading.Thread(target=run, args=each) for each in tries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted("are one now" in page for page in pages) == [False, True]
    assert sorted("has merged one of these two records" in page for page in pages) == [False, True]
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 1


def test_a_viewer_merges_nobody(as_bob, both):
    kept, gone = both
    assert "Merge with another record" not in as_bob.page(f"/staff/people/{kept.id}").text
    as_bob.send(f"/staff/people/{kept.id}/merge/{gone.id}", {}, status=403)
    as_bob.page("/staff/people/duplicates", status=403)


def test_possible_duplicates_agree_in_the_name_and_one_more_fact(as_oscar, app):
    assert "No possible duplicates" in as_oscar.page("/staff/people/duplicates").text
    one = make("j.nunez+news@gmail.com", zip_code="02110", organization_name="Acme, Inc.", phone="617 555 0100")
    make("nobody@mail.example")  # Only the name agrees.
    other = make("jnunez@gmail.com", zip_code="02110-1234", organization_name="ACME Inc", phone="+1 (617) 555-0100")
    make("x@mail.example", first_name="Josefina", zip_code="02110")
    for email in ("ines.ruiz@gmail.com", "ruiz.ines@mail.example", "ines.ruiz@work.example"):  # Follows from the name.
        make(email, first_name="Inés", last_name="Ruiz")
    db.session.commit()
    assert pairs.agreements(one, other) == ["organization", "ZIP code", "phone", "e-mail"]
    page = as_oscar.page("/staff/people/duplicates").text
    assert page.count(">Compare<") == 1 and "organization, ZIP code, phone, e-mail" in page


def test_who_is_not_the_same_is_not_offered_again_nor_after_a_merge_of_one_of_them(as_oscar, app):
    one, other = make("a@mail.example", zip_code="02110"), make("b@mail.example", zip_code="02110")
    db.session.commit()
    page = as_oscar.send(f"/staff/people/duplicates/{other.id}/{one.id}/apart").text
    assert "are two people" in page and "No possible duplicates" in page
    third = make("c@mail.example", zip_code="02110")
    db.session.commit()
    page = as_oscar.page("/staff/people/duplicates").text
    assert page.count(">Compare<") == 2
    url = f"/staff/people/{third.id}/merge/{one.id}"
    as_oscar.send(url, {"seen": seen(as_oscar.page(url).text)})
    assert "No possible duplicates" in as_oscar.page("/staff/people/duplicates").text


def test_names_are_compared_without_case_accents_and_spaces(app):
    assert name_key_of("José  María", "Núñez-Díaz") == name_key_of("jose maria", "nunez diaz") == "josemarianunezdiaz"
    assert name_key_of("محمد", "علي") and name_key_of(None, "") == ""
    contact = make("a@mail.example")
    contact.last_name = "Gómez"
    db.session.commit()
    assert contact.name_key == "josegomez"


def test_pages_cost_few_queries_however_many_pairs_there_are(as_oscar, app):
    for number in range(30):
        make(f"a{number}@mail.example", last_name=f"N{number}", zip_code="02110", city="x")
        make(f"b{number}@mail.example", last_name=f"N{number}", zip_code="02110", city="y")
    db.session.commit()
    first, second = db.session.scalars(select(Contact.id).order_by(Contact.id).limit(2))
    pages = ["/staff/people/duplicates", f"/staff/people/{first}", f"/staff/people/{first}/merge"]
    for url in [*pages, f"/staff/people/{first}/merge?q=N1", f"/staff/people/{first}/merge/{second}"]:
        with asked() as questions:
            as_oscar.page(url)
        assert len(questions) <= 15, (url, len(questions))
