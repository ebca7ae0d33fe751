"""A later file of legislators: offices and committee seats end, history stays, open asks wait to be handed over."""

import io
import json
import re
from datetime import date

import pytest
import time_machine
import yaml
from sqlalchemy import func, select

from crm import cli
from crm.base import clock
from crm.contacts.forgetting import forgetting
from crm.contacts.merging import uniting
from crm.extensions import db
from crm.influencers import interactions
from crm.influencers.models import Influencer, Interaction
from crm.influencers.offices import holdings, passing_on
from crm.influencers.offices.models import CommitteeSeat, Holding, Office
from tests import factories
from tests.public_data import public_file

CODES = ["--committee", "HSED", "--committee", "SSHR"]
TODAY = date(2026, 11, 29)


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(f"{TODAY}T15:00:00Z", tick=True):
        yield


@pytest.fixture
def crm(app):
    def run(*words):
        result = app.test_cli_runner().invoke(cli.main, [str(word) for word in words], standalone_mode=True)
        db.session.rollback()
        db.session.expire_all()
        return result

    return run


def legislator(number, district=1, **term):
    told = {"type": "rep", "start": "2025-01-03", "end": "2027-01-03", "state": "MI", "district": district, **term}
    return {
        "id": {"bioguide": f"M{number:06}"},
        "name": {"first": f"First{number}", "last": f"Last{number}"},
        "terms": [told],
    }


@pytest.fixture
def imported(crm, tmp_path):
    """Import these entries, with these seats (committee code: numbers of people); returns the result."""

    def run(entries, seats=None, *options):
        (tmp_path / "people.yaml").write_text(yaml.safe_dump(entries))
        call = ["import", "influencers", tmp_path / "people.yaml"]
        if seats is not None:
            told = {
                code: [{"bioguide": f"M{n:06}", "rank": n, "party": "majority"} for n in who]
                for code, who in seats.items()
            }
            (tmp_path / "seats.yaml").write_text(yaml.safe_dump(told))
            call += ["--committees", tmp_path / "seats.yaml"]
        return crm(*call, *options)

    return run


def office_of(key):
    return db.session.scalars(select(Office).where(Office.key == key)).one()


def holders(key):
    """Return (last name, since, until, how it ended) of everybody who ever held the office."""
    rows = db.session.scalars(select(Holding).where(Holding.office == office_of(key)).order_by(Holding.id))
    return [(one.influencer.contact.last_name, one.since, one.until, one.ended) for one in rows]


def person(number):
    return db.session.scalars(select(Influencer).where(Influencer.external_id == f"bioguide:M{number:06}")).one()


def count(model):
    return db.session.scalar(select(func.count()).select_from(model))


FIVE = [legislator(n, n) for n in range(1, 6)]


def test_of_fifty_nine_members_ten_are_replaced_and_their_open_asks_are_listed(crm, tmp_path, oscar, as_oscar):
    first, seats = public_file("legislators-current.yaml"), public_file("committee-membership-current.yaml")
    call = ["import", "influencers", first, "--committees", seats, *CODES]
    assert crm(*call).stdout == "59 influencers: 59 created, 0 updated, 0 unchanged\n"
    assert (count(Office), count(Holding)) == (59, 59)
    assert crm(*call).stdout == "59 influencers: 0 created, 0 updated, 59 unchanged\n"

    ten = db.session.scalars(select(Influencer).where(Influencer.role == "U.S. Representative").limit(10)).all()
    for one in ten:
        factories.make_ask(one, oscar, title=f"Cosponsor, {one.contact.last_name}", owner_id=oscar.id)
        interactions.log(one.contact, "call", TODAY, "Spoke", oscar)
    done = factories.make_ask(ten[0], oscar, title="Long done")
    done.state = "declined"
    staying = db.session.scalars(select(Influencer).where(Influencer.role == "U.S. Senator")).first()
    factories.make_ask(staying, oscar, title="Of somebody who stays")
    db.session.commit()

    later = _replaced(first, seats, ten, tmp_path)
    result = crm("import", "influencers", later[0], "--committees", later[1], *CODES)
    assert result.exit_code == 0, result.stderr
    # Three of the new members sit on neither committee, and are here as they hold an office of our influencers.
    assert re.match(r"59 influencers: 10 created, \d+ updated, \d+ unchanged; 10 offices and \d+ ", result.stdout)
    assert "10 open asks of former holders wait: http://crm.example/staff/influencers/offices/asks" in result.stderr
    _check_replaced([one.id for one in ten])

    page = as_oscar.page("/staff/influencers/offices/asks").text
    assert page.count('name="marks"') == 10 and "Long done" not in page and "Of somebody who stays" not in page
    assert page.count("New Member") >= 10
    again = crm("import", "influencers", later[0], "--committees", later[1], *CODES)
    assert again.stdout == "59 influencers: 0 created, 0 updated, 59 unchanged\n"
    older = crm(*call).stdout
    assert "0 created, 0 updated" in older and "ended" not in older
    _check_replaced([one.id for one in ten])


def _check_replaced(ids):
    for one in db.session.scalars(select(Influencer).where(Influencer.id.in_(ids))):
        held = db.session.scalars(select(Holding).where(Holding.influencer_id == one.id)).one()
        assert (held.until, held.ended, one.former_since) == (date(2026, 9, 15), holdings.SUCCEEDED, date(2026, 9, 15))
        assert one.committees == [] and len(one.asks) >= 1
        assert count(Interaction) == 10
        new = holdings.present(held.office, None)
        assert [(h.since, h.influencer.contact.first_name) for h in new] == [(date(2026, 9, 15), "New")]
    assert count(Influencer) == 69


def _replaced(first, seats, ten, folder):
    """Write both files once more, with other members in ten districts; seven of them sit on the committees too."""
    people, sitting = first.read_text(), seats.read_text()
    for number, one in enumerate(ten):
        old, new = one.external_id.removeprefix("bioguide:"), f"Z{number:06}"
        block = next(part for part in people.split("\n- id:") if f"bioguide: {old}\n" in part)
        entry = {
            "id": {"bioguide": new},
            "name": {"first": "New", "last": f"Member{number}"},
            "terms": [{"type": "rep", "start": "2026-09-15", "end": "2027-01-03", "state": one.state}],
        }
        entry["terms"][0]["district"] = int(one.district)
        people = people.replace(f"\n- id:{block}", "\n" + yaml.safe_dump([entry]).rstrip("\n"))
        if number < 7:
            sitting = sitting.replace(f"bioguide: {old}\n", f"bioguide: {new}\n")
    (folder / "later.yaml").write_text(people)
    (folder / "committee-membership-current.yaml").write_text(sitting)
    return folder / "later.yaml", folder / "committee-membership-current.yaml"


def test_who_is_named_no_more_leaves_the_office_and_stays_an_influencer(imported, as_oscar):
    imported(FIVE, {"HSED": [1, 2, 3]})
    result = imported(FIVE[1:], {"HSED": [2, 3]})
    assert result.stdout == "4 influencers: 0 created, 0 updated, 4 unchanged; 1 office and 1 committee seat ended\n"
    assert holders("us-house:MI-1") == [("Last1", date(2025, 1, 3), TODAY, holdings.GONE)]
    assert person(1).former_since == TODAY
    page = as_oscar.page(f"/staff/influencers/{person(1).id}").text
    assert "Former: U.S. House, MI-1 ended on Nov 29, 2026" in page and "HSED" in page
    assert "Former" in as_oscar.page("/staff/influencers/").text
    assert imported(FIVE[1:], {"HSED": [2, 3]}).stdout == "4 influencers: 0 created, 0 updated, 4 unchanged\n"


def test_who_is_named_again_holds_the_office_again(imported):
    imported(FIVE)
    imported(FIVE[1:])
    assert "1 updated" in imported(FIVE).stdout
    assert holders("us-house:MI-1") == [("Last1", date(2025, 1, 3), None, "")]
    assert person(1).former_since is None


def test_an_office_whose_term_is_over_ended_with_the_term(imported):
    imported([legislator(1, end="2026-11-03"), *FIVE[1:]])
    imported(FIVE[1:])
    assert holders("us-house:MI-1")[0][2] == date(2026, 11, 3)


def test_a_committee_that_is_left_ends_and_another_role_is_another_seat(imported, crm, tmp_path):
    imported(FIVE, {"HSED": [1, 2, 3, 4], "HSAG": [1]})
    assert "0 offices and 1 committee seat ended" in imported(FIVE, {"HSED": [1, 2, 3, 4], "HSAG": []}).stdout
    seats = {
        (one.code, one.since, one.until) for one in db.session.scalars(select(CommitteeSeat)) if one.code == "HSAG"
    }
    assert seats == {("HSAG", None, TODAY)}
    told = yaml.safe_load((tmp_path / "seats.yaml").read_text())
    told["HSED"][0]["title"] = "Chair"
    (tmp_path / "seats.yaml").write_text(yaml.safe_dump(told))
    result = crm("import", "influencers", tmp_path / "people.yaml", "--committees", tmp_path / "seats.yaml")
    assert "1 updated, 4 unchanged" in result.stdout and "ended" not in result.stdout
    assert [(seat.role, seat.since) for seat in person(1).committees] == [("Chair", TODAY)]


def test_an_import_without_committees_leaves_the_seats(imported):
    imported(FIVE, {"HSED": [1]})
    assert "ended" not in imported(FIVE).stdout
    assert [seat.code for seat in person(1).committees] == ["HSED"]


def test_an_import_of_one_committee_ends_nothing_of_another(imported):
    seats = {"HSED": [1, 2], "SSHR": [3, 4]}
    imported(FIVE, seats, *CODES)
    result = imported(FIVE, seats, "--committee", "HSED")
    assert result.stdout == "4 influencers: 0 created, 0 updated, 4 unchanged\n"
    assert count(Influencer) == 4


def test_whom_staff_or_a_csv_file_brought_is_not_ended(imported, crm, oscar, tmp_path):
    (tmp_path / "people.csv").write_text("name,role\nAda Adams,Chair\n")
    crm("import", "influencers", tmp_path / "people.csv")
    ada = db.session.scalars(select(Influencer)).one()
    office = factories.add(Office(title="Chair of a board", imported_facts={}))
    holdings.begin(office, ada, oscar, since=date(2026, 1, 1), term_ends_on=None)
    db.session.commit()
    imported(FIVE)
    imported(FIVE[1:])
    assert db.session.scalars(select(Holding.until).where(Holding.office_id == office.id)).one() is None


@pytest.mark.parametrize("entries", [[], FIVE[:3]], ids=["empty", "cut short"])
def test_a_file_that_would_end_more_than_a_third_is_refused_unless_that_is_said(imported, entries):
    imported(FIVE, {"HSED": [1, 2, 3, 4, 5]})
    result = imported(entries, {"HSED": [1, 2, 3]})
    gone = 5 - len(entries)
    assert (result.exit_code, result.stdout) == (1, "")
    assert (
        f"names {len(entries)} legislators, and would end {gone} of 5 offices and {gone} of 5 committee"
        in result.stderr
    )
    assert "Nothing was imported; if it is right, add --ends-many." in result.stderr
    assert db.session.scalar(select(func.count()).where(Holding.until.is_(None))) == 5
    assert f"{gone} offices" in imported(entries, {"HSED": [1, 2, 3]}, "--ends-many").stdout


def test_an_empty_list_of_seats_is_refused_too(imported):
    imported(FIVE, {"HSED": [1, 2, 3]})
    assert "0 of 5 offices and 3 of 3 committee seats" in imported(FIVE, {"HSED": []}).stderr
    assert len(person(1).committees) == 1


def test_in_the_browser_a_tick_lets_many_end_and_leads_to_the_asks(imported, as_oscar):
    imported(FIVE)
    url, few = "/staff/influencers/import/", yaml.safe_dump(FIVE[:2])

    def files():
        return {"file": (io.BytesIO(few.encode()), "legislators-current.yaml")}

    page = as_oscar.send(url, files(), status=422).text
    assert "would end 3 of 5 offices" in page and "tick this" in page
    page = as_oscar.send(url, {**files(), "ends_many": "y"})
    assert "3 offices and 0 committee seats ended" in page.text
    assert page.request.path == "/staff/influencers/offices/asks/"


def test_another_term_goes_on_and_a_move_to_another_office_ends_the_first(imported):
    again = legislator(1, 1, start="2027-01-03", end="2029-01-03")
    again["terms"].insert(0, FIVE[0]["terms"][0])
    imported(FIVE)
    with time_machine.travel("2027-01-05T12:00:00Z"):
        assert "1 updated, 4 unchanged" in imported([again, *FIVE[1:]]).stdout
        assert holders("us-house:MI-1") == [("Last1", date(2025, 1, 3), None, "")]
        moved = legislator(2, None, type="sen", start="2027-01-03", end="2033-01-03")
        moved["terms"][0]["class"] = 2
        assert "1 office and 0 " in imported([again, moved, *FIVE[2:]]).stdout
    assert holders("us-house:MI-2") == [("Last2", date(2025, 1, 3), date(2027, 1, 3), holdings.MOVED)]
    assert holders("us-senate:MI-2") == [("Last2", date(2027, 1, 3), None, "")]
    assert office_of("us-senate:MI-2").title == "U.S. Senate, MI, class 2"
    assert person(2).former_since is None


def test_since_is_the_first_day_of_terms_in_a_row_in_the_same_seat(imported):
    one = legislator(1)
    earlier = [("2013-01-03", "2015-01-03", 1), ("2019-01-03", "2021-01-03", 1), ("2021-01-03", "2023-01-03", 9)]
    rows = [*earlier, ("2023-01-03", "2025-01-03", 1)]
    one["terms"][:0] = [
        {"type": "rep", "state": "MI", "start": start, "end": end, "district": district}
        for start, end, district in rows
    ]
    imported([one])
    assert holders("us-house:MI-1")[0][1] == date(2023, 1, 3)


def test_what_staff_changed_on_an_office_stays_and_whom_they_ended_stays_ended(imported, oscar):
    imported([legislator(1, phone="1"), *FIVE[1:]])
    office = office_of("us-house:MI-1")
    office.address, office.phone = "By hand", "2"
    holdings.end(db.session.scalars(select(Holding).where(Holding.office == office)).one(), TODAY, "resigned", oscar)
    db.session.commit()
    assert "5 unchanged" in imported([legislator(1, phone="1"), *FIVE[1:]]).stdout
    office = office_of("us-house:MI-1")
    assert (office.address, office.phone) == ("By hand", "2")
    assert holders("us-house:MI-1")[0][3] == "resigned"


def test_a_holder_named_by_hand_stays_until_somebody_begins_later(imported, oscar):
    imported(FIVE)
    ada = factories.make_influencer("Ada", "Adams")
    office, held = office_of("us-house:MI-1"), {"since": date(2026, 11, 20), "term_ends_on": None}
    before = [one.id for one in holdings.present(office, oscar)]
    holdings.take_over(office, ada, oscar, ended="resigned", shown=before, today=TODAY, **held)
    db.session.commit()
    imported([legislator(7, 1, start="2026-11-20"), *FIVE[1:]])
    assert [one[0] for one in holders("us-house:MI-1") if one[2] is None] == ["Adams"]
    imported([legislator(8, 1, start="2026-11-25"), *FIVE[1:]])
    assert [one[0] for one in holders("us-house:MI-1") if one[2] is None] == ["Last8"]


def test_a_term_of_no_date_is_a_bad_entry(imported):
    result = imported([legislator(1, end="soon")])
    assert "Last1 (M000001): the end of the last term, “soon”, is no date." in result.stderr


def test_the_counts_come_as_json_too(imported):
    imported(FIVE)
    counts = json.loads(imported(FIVE[1:], None, "--json").stdout)
    assert (counts["unchanged"], counts["offices_ended"], counts["seats_ended"]) == (4, 1, 0)


def test_an_ask_planned_after_the_end_is_meant_for_the_person(imported, oscar):
    imported(FIVE)
    before = factories.make_ask(person(1), oscar, title="Before")
    db.session.commit()
    imported(FIVE[1:])
    after = factories.make_ask(person(1), oscar, title="After")
    after.created_at = clock.now()
    db.session.commit()
    assert [one.ask.id for one in passing_on.find(oscar, limit=9)] == [before.id]


def test_who_was_merged_keeps_the_office_under_either_id_of_the_source(imported, oscar):
    imported(FIVE, {"HSED": [1, 2]})
    by_csv = factories.make_influencer("First1", "Last1", external_id="crm-7", import_key="0" * 64)
    by_hand, ones = factories.make_influencer("First2", "Last2"), [person(1), person(2)]
    db.session.commit()
    for kept, gone in zip((by_csv, by_hand), ones, strict=True):
        uniting.merge(kept.contact_id, gone.contact_id, (), oscar)
        db.session.commit()
    again = imported(FIVE, {"HSED": [1, 2]})
    assert again.stdout == "5 influencers: 0 created, 0 updated, 5 unchanged\n"
    prolonged = [legislator(1, 1, start="2027-01-03", end="2029-01-03"), *FIVE[1:]]
    imported(prolonged, {"HSED": [2]})
    held = db.session.scalars(select(Holding).where(Holding.influencer_id == by_csv.id)).one()
    assert (held.until, held.term_ends_on) == (None, date(2029, 1, 3)) and by_csv.former_since is None
    assert by_csv.committees == [] and [seat.code for seat in by_hand.committees] == ["HSED"]
    imported([one for one in FIVE if one is not FIVE[0]])
    assert (count(Influencer), held.until, by_csv.former_since) == (5, TODAY, TODAY)


def test_a_file_of_one_chamber_ends_nothing_in_the_other(imported):
    senators = [legislator(n, type="sen", **{"class": n - 6}) for n in (7, 8)]
    imported([*FIVE, *senators], {"HSED": [1], "SSHR": [7, 8]})
    result = imported(FIVE[1:], {"HSED": [2], "SSHR": [7, 8]}, "--ends-many")
    assert "1 office and 1 committee seat ended" in result.stdout
    assert person(7).former_since is None and [seat.code for seat in person(8).committees] == ["SSHR"]
    assert "ended" not in imported(senators).stdout


def test_who_asked_to_be_forgotten_is_not_brought_back_by_a_later_file(imported, crm, tmp_path):
    imported(FIVE, {"HSED": [1]})
    forgetting.forget(person(1).contact, "mail")
    db.session.commit()
    assert "0 created" in imported(FIVE, {"HSED": [1]}).stdout
    assert count(Influencer) == 4 and holders("us-house:MI-1") == []
    (tmp_path / "people.csv").write_text("id,name,role\nbioguide:M000001,First1 Last1,Chair\n")
    assert "asked to be forgotten. Leave the row out;" in crm("import", "influencers", tmp_path / "people.csv").stderr
