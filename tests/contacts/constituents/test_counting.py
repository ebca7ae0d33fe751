"""Constituents: who lives in a state or district, how many there are, and the people behind the number."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select, update

from crm.base import clock
from crm.base.registries import Constituency, supports
from crm.contacts import segments
from crm.contacts.constituents import counting, living
from crm.contacts.constituents.models import ConstituentCount
from crm.contacts.districts import read, replace
from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.extensions import db
from tests import factories
from tests.mailings.makers import make_people

MONTHS = counting.last_months(clock.today("America/New_York"))


@pytest.fixture
def districts(app):
    replace(
        [
            ("48502", "MI", 8),
            ("48430", "MI", 7),
            ("48430", "MI", 8),
            ("99501", "AK", 0),
            ("02861", "RI", 1),
            ("02861", "MA", 4),
        ]
    )


def counted(key):
    counting.count_all()
    return counting.of(key if isinstance(key, Constituency) else read(key), MONTHS)


def people(key):
    """Return the ids of those whom the list of people shows for that state or district."""
    described = {"field": "lives_in", "test": "is", "value": key}
    query = segments.select({"op": "and", "not": False, "items": [described]})
    return set(db.session.scalars(query))


def test_a_zip_code_counts_for_its_district_and_one_in_several_for_each(districts):
    make_people(3, zip_code="48502")
    make_people(2, zip_code="48430-1234", state="OH")
    assert (counted("MI-8").total, counted("MI-8").neighboring) == (5, 2)
    assert (counted("MI-7").total, counted("MI-7").neighboring) == (2, 2)
    assert (counted("MI").total, counted("MI").neighboring) == (5, 0)
    assert counted("OH").total == counted("MI-1").total == 0


def test_a_zip_code_of_two_states_is_marked_for_the_states_too(districts):
    make_people(1, zip_code="02861")
    assert [(counted(key).total, counted(key).neighboring) for key in ("RI", "MA", "RI-1")] == [(1, 1), (1, 1), (1, 1)]


def test_the_state_on_record_counts_where_the_zip_code_is_in_no_district(districts):
    make_people(1, state="MI")
    make_people(1, state="MI", zip_code="00000")
    make_people(1, state="", zip_code="99501")
    make_people(3, state="Ontario")
    assert [counted(key).total for key in ("MI", "mi", "AK", "AK-0", "Ontario")] == [2, 2, 1, 1, 3]
    assert len(people("Ontario")) == 3


def test_only_those_count_to_whom_mail_goes_out(districts):
    make_people(1, "pending", zip_code="48502")
    make_people(1, "unsubscribed", zip_code="48502")
    factories.make_contact(zip_code="48502")
    blocked, _ = make_people(2, zip_code="48502")
    suppression.suppress(blocked.email, "hard_bounce")
    db.session.commit()
    assert counted("MI-8").total == 1


def test_months_begin_where_the_coalition_is(districts):
    first = MONTHS[-1]
    midnight = datetime(first.year, first.month, 1, 5, tzinfo=UTC)  # In New York; or an hour after it in summer.
    make_people(1, zip_code="48502", confirmed_at=midnight + timedelta(minutes=1))
    make_people(2, zip_code="48502", confirmed_at=midnight - timedelta(hours=2))
    make_people(4, zip_code="48502", confirmed_at=midnight - timedelta(days=500))
    found = counted("MI-8")
    assert (found.total, list(found.by_month)) == (7, [0] * 10 + [2, 1])


def test_who_is_counted_can_be_listed(districts):
    at_home = [*make_people(2, zip_code="48502"), *make_people(1, zip_code="48430"), *make_people(1, state="MI")]
    make_people(1, zip_code="99501", state="MI")
    make_people(1)
    assert people("MI") == {person.id for person in at_home}
    assert people("mi-8") == {person.id for person in at_home[:3]}
    assert people("MI-x") == people("?") == people("-8") == set()
    assert len(people("AK-0")) == 1


def test_the_number_leads_to_the_people_behind_it(app, districts, as_bob):
    make_people(2, zip_code="48502", last_name="Ofeight")
    make_people(1, zip_code="48430", last_name="Ofseven")
    factories.make_contact(zip_code="48502", last_name="Hasleft")
    db.session.commit()
    with app.test_request_context():
        address = supports["constituents"].url(Constituency("MI", 8), None)
    page = as_bob.page(address).text
    assert "<strong>3</strong>" in page and "Ofeight" in page and "Hasleft" not in page
    page = as_bob.page("/staff/people/?lives_in=MI-7").text
    assert "Ofseven" in page and "Ofeight" not in page and 'value="MI-7"' in page


def test_those_with_a_tag_are_counted(app):
    tag = factories.make_tag("Employer")
    for person in make_people(3)[:2]:
        person.tags.append(tag)
    db.session.commit()
    assert counted(Constituency(tag="Employer")).total == 2
    assert counted(Constituency(tag="Funder")).total == 0


def test_before_the_first_count_there_is_no_number(districts):
    found = counting.of(Constituency("MI"), MONTHS)
    assert found.counted_at is None and list(found.by_month) == [0] * 12
    assert counted("MI").counted_at is not None


def test_the_job_counts_at_once_and_then_every_ten_minutes(districts):
    make_people(2, zip_code="48502")
    assert (counting.count_due(), counting.count_due()) == (2, 0)
    db.session.execute(update(ConstituentCount).values(counted_at=clock.now() - timedelta(minutes=11)))
    db.session.commit()
    assert (counting.count_due(), counting.count_due()) == (2, 0)


def test_a_new_count_forgets_who_left(districts):
    person = make_people(1, zip_code="48502")[0]
    assert counted("MI-8").total == 1
    person.zip_code = "99501"
    db.session.commit()
    assert counted("MI-8").total == 0 and counted("AK").total == 1
    db.session.delete(db.session.get(Contact, person.id))
    db.session.commit()
    assert counting.count_all() == 0
    assert db.session.scalars(select(ConstituentCount.key)).all() == [""]


def test_the_last_twelve_months_go_over_the_turn_of_the_year():
    assert counting.last_months(date(2026, 3, 31))[0] == date(2025, 4, 1)
    assert counting.last_months(date(2026, 12, 1), 2) == [date(2026, 11, 1), date(2026, 12, 1)]


def test_a_segment_can_ask_where_people_live(districts):
    make_people(1, state="OH")
    values = dict(living.FIELD.choices())
    assert values["AK-0"] == "AK at large" and {"MI", "MI-7", "OH", "RI"} <= set(values)
    assert list(values)[:2] == ["AK", "AK-0"]
