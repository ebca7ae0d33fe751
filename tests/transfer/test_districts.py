"""`crm import districts`: replaces what stood there, and is of use at once."""

import json

import pytest
from sqlalchemy import select

from crm.base import clock
from crm.cli import main
from crm.contacts import districts, segments
from crm.contacts.models import Contact, District
from crm.extensions import db
from tests import factories
from tests.public_data import public_file

HEADER = "state_fips,state_abbr,zcta,cd\n"
FILE = HEADER + "06,CA,94110,11\n06,CA,94112,11\n06,CA,94112,12\n02,AK,99501,00\n11,DC,20001,98\n"


@pytest.fixture
def import_districts(app, tmp_path):
    """Import a file of that content; returns (exit code, standard output, standard error)."""

    def run(content: str | bytes, *options: str):
        path = tmp_path / "zccd.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        result = app.test_cli_runner().invoke(main, ["import", "districts", str(path), *options])
        db.session.rollback()
        return result.exit_code, result.stdout, result.stderr

    return run


def standing() -> set[tuple[str, str, int]]:
    return {tuple(row) for row in db.session.execute(select(*districts.KEY))}


def test_a_file_replaces_what_stood_there_and_says_what_that_changed(import_districts):
    counted = "Districts of ZIP codes: 5 added, 0 removed, 0 unchanged\n"
    assert import_districts(FILE, "--valid-from", clock.today().isoformat()) == (0, counted, "")
    assert standing() == {
        ("94110", "CA", 11),
        ("94112", "CA", 11),
        ("94112", "CA", 12),
        ("99501", "AK", 0),
        ("20001", "DC", 0),
    }
    code, out, _ = import_districts(FILE, "--json")
    assert (code, json.loads(out)) == (0, {"added": 0, "removed": 0, "unchanged": 5})
    _, out, _ = import_districts(HEADER + "06,CA,94110,12\n06,CA,94112,12\n", "--json")
    assert json.loads(out) == {"added": 1, "removed": 4, "unchanged": 1}
    assert standing() == {("94110", "CA", 12), ("94112", "CA", 12)}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("06,CA,94110,11\n06,CA,94112,11\n", "One column must be called zcta or"),
        ("state,zip,zcta,cd\nCA,94110,94110,11\n", "One column must be called zcta or"),
        (HEADER, "nothing below it"),
        ("", "empty"),
        (HEADER + "09,CT,6001,1\n", "row 2: ZIP code “6001” has not five digits"),
        (HEADER + "06,CA,94110,11\n06,XX,94112,11\n", "row 3: there is no state “XX”"),
        (HEADER + "06,CA,94110,ZZ\n", "row 2: district “ZZ” is not a number"),
        (HEADER + "06,CA,94110\n", "row 2: district “” is not a number"),
        (HEADER + "06,CA,٩٤١١٠,11\n", "row 2: ZIP code"),
        ((HEADER + "06,CA,94110,11\n").encode() + b"06,CA,94112,11\xe9\n", "Row 3 is not in UTF-8"),
        ((HEADER + "06,CA,94110,11\n").encode("utf-16"), "UTF-16"),
    ],
)
def test_a_file_with_any_fault_changes_nothing_and_names_the_row(import_districts, content, says):
    import_districts(FILE)
    before = standing()
    code, out, err = import_districts(content)
    assert (code, out) == (1, "")
    assert says in err
    assert "Nothing was imported" in err
    assert standing() == before


def test_it_is_said_that_the_table_is_old_or_of_unknown_age(import_districts):
    assert "Say since when they hold, for example --valid-from" in import_districts(FILE)[2]
    assert "These districts hold since January 3, 2013." in import_districts(FILE, "--valid-from", "2013-01-03")[2]
    assert import_districts(FILE, "--valid-from", "soon")[0] == 2


def test_the_page_of_a_contact_says_which_districts_the_zip_code_lies_in(import_districts, as_bob):
    import_districts(FILE)
    for zip_code, words in (
        ("94110", "CA-11"),
        ("94112-0001", "may be CA-11 or CA-12"),
        ("99501", "AK at large"),
    ):
        contact = factories.make_contact(zip_code=zip_code)
        db.session.commit()
        assert words in as_bob.page(f"/staff/people/{contact.id}/").text
    elsewhere = factories.make_contact(zip_code="")
    db.session.commit()
    assert "Congressional district" not in as_bob.page(f"/staff/people/{elsewhere.id}/").text


def test_a_segment_finds_everybody_who_may_live_in_a_district(import_districts, as_oscar):
    import_districts(FILE)
    for email, zip_code in (("a", "94110"), ("b", "94112-0001"), ("c", "99501"), ("d", "")):
        factories.make_contact(f"{email}@mail.example", zip_code=zip_code)
    db.session.commit()
    assert found("is", "CA-11") == "ab"
    assert found("is", "CA-12") == "b"
    assert found("is_not", "CA-12") == "acd"
    assert found("is", "AK-0") == "c"
    assert found("is", "nowhere") == ""
    form = {"name": "", "g.kind": "group", "g.op": "and", "g.n": "1", "g.0.field": "district", "do": "show"}
    page = as_oscar.send("/staff/segments/new", form).text
    assert "counts for each of them" in page
    assert "AK at large" in page


def found(test: str, value: str) -> str:
    condition = {"field": "district", "test": test, "value": value}
    ids = segments.select({"op": "and", "not": False, "items": [condition]})
    emails = db.session.scalars(select(Contact.email).where(Contact.id.in_(ids)))
    return "".join(sorted(email[0] for email in emails))


def test_the_real_file_goes_in_whole(import_districts):
    code, out, err = import_districts(public_file("zccd.csv").read_bytes())
    assert code == 0, err
    assert "42033 added" in out
    assert db.session.get(District, ("99501", "AK", 0))
    assert districts.told("35005")[0] == "may be AL-6 or AL-7"
