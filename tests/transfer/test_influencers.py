"""`crm import influencers`: real files, twice, mended, and broken in every way."""

import json
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crm import cli
from crm.base.database import reading
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import asks, listing, pipeline, profiles
from crm.influencers.models import Influencer
from crm.transfer import influencer_csv, influencers
from tests import factories
from tests.public_data import public_file

CODES = ["--committee", "HSED", "--committee", "SSHR"]

LEGISLATOR = """
- id: {{bioguide: {id}}}
  name: {{first: Robert, nickname: Bobby, last: Scott, official_full: Robert C. Scott}}
  terms:
  - {{type: rep, start: '1993-01-05', state: VA, district: 3, phone: 202-225-0000}}
  - {{type: rep, start: '2025-01-03', state: VA, district: 3, phone: {phone}, office: 2328 Rayburn, url: https://scott.example,
     contact_form: https://scott.example/contact}}
"""
SEATS = """
HSED:
- {name: Bobby Scott, party: minority, rank: 1, title: Ranking Member, bioguide: S000185}
HSED13:
- {name: Bobby Scott, party: minority, rank: 4, bioguide: S000185}
"""


@pytest.fixture
def crm(app):
    """Run a command on the application of this test."""

    def run(*words):
        result = app.test_cli_runner().invoke(cli.main, [str(word) for word in words], standalone_mode=True)
        db.session.rollback()
        db.session.expire_all()
        return result

    return run


def write(folder: Path, name: str, text: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(Influencer))


def test_the_members_of_two_committees_become_influencers_and_one_ask_is_delivered(crm, oscar):
    """59 imported, ten with an ask, one ask from planned to delivered with evidence and a complete history."""
    legislators = public_file("legislators-current.yaml")
    call = ["import", "influencers", legislators, "--committees", public_file("committee-membership-current.yaml")]
    first = crm(*call, *CODES)
    assert (first.exit_code, first.stdout) == (0, "59 influencers: 59 created, 0 updated, 0 unchanged\n")
    found = db.session.scalars(select(Influencer)).all()
    seats = [[seat.code for seat in one.committees] for one in found]
    assert (sum("HSED" in codes for codes in seats), sum("SSHR" in codes for codes in seats)) == (36, 23)
    assert all(one.office and one.state and one.phone and one.website and one.formal_name for one in found)
    assert sum(bool(one.district) for one in found) == 36
    assert sum(bool(one.web_form) for one in found) == 18
    ranking = next(one for one in found if one.name == "Bobby Scott")
    seat = next(seat for seat in ranking.committees if seat.code == "HSED")
    assert (seat.role, seat.rank, ranking.constituency) == ("Ranking Member", 1, "VA-3")

    second = crm(*call, *CODES)
    assert second.stdout == "59 influencers: 0 created, 0 updated, 59 unchanged\n"
    assert db.session.scalar(select(func.count()).select_from(Contact)) == 59

    ten = [factories.make_ask(one, oscar, title=f"Ask {n}") for n, one in enumerate(listing.find_all()[:10])]
    asks.advance(ten[0], "made", oscar)
    asks.advance(ten[0], "agreed", oscar)
    asks.advance(ten[0], "delivered", oscar, evidence_url="https://example.org/hearing")
    db.session.commit()
    rows = [json.loads(line) for line in crm("influencer", "list", "--json").stdout.splitlines()]
    assert len(rows) == 59 and sum(row["open_asks"] for row in rows) == 9
    assert set(rows[0]) == {"id", "name", "organization", "stage", "owner", "open_asks"}
    states = [(change.old_state, change.new_state) for change in ten[0].history]
    assert states == [("", "planned"), ("planned", "made"), ("made", "agreed"), ("agreed", "delivered")]
    assert all(change.user_id == oscar.id and change.at for change in ten[0].history)


def test_a_changed_file_updates_facts_and_leaves_what_staff_decided(crm, oscar, tmp_path):
    seats = write(tmp_path, "seats.yaml", SEATS)
    text = LEGISLATOR.format(id="S000185", phone="202-225-8351")
    call = ["--committees", seats, "--committee", "HSED"]
    assert crm("import", "influencers", write(tmp_path, "a.yaml", text), *call).exit_code == 0
    one = db.session.scalars(select(Influencer)).one()
    pipeline.move(one, "engaged", oscar)
    values = {"owner_id": oscar.id, "interest": 4, "notes": "Met twice", "office": "Room 5", "first_name": "Robert"}
    profiles.edit(one, values, oscar, one.version)
    db.session.commit()

    changed = write(tmp_path, "b.yaml", LEGISLATOR.format(id="S000185", phone="202-225-9999"))
    assert crm("import", "influencers", changed, *call).stdout == "1 influencers: 0 created, 1 updated, 0 unchanged\n"
    one = db.session.scalars(select(Influencer)).one()
    assert one.phone == "202-225-9999"
    assert (one.stage, one.owner_id, one.interest, one.notes) == ("engaged", oscar.id, 4, "Met twice")
    assert (one.office, one.contact.first_name) == ("Room 5", "Robert")
    assert [seat.code for seat in one.committees] == ["HSED"]
    assert "1 unchanged" in crm("import", "influencers", changed, *call).stdout


def test_without_committees_seats_read_before_stay(crm, tmp_path):
    path = write(tmp_path, "a.yaml", LEGISLATOR.format(id="S000185", phone="202-225-8351"))
    crm("import", "influencers", path, "--committees", write(tmp_path, "seats.yaml", SEATS))
    assert "1 unchanged" in crm("import", "influencers", path).stdout
    assert db.session.scalars(select(Influencer)).one().committees[0].code == "HSED"


def test_one_bad_entry_stops_the_whole_file_and_is_named_by_its_line(crm, tmp_path):
    good = LEGISLATOR.format(id="S000185", phone="1")
    text = (
        f"{good}\n- id: {{bioguide: X1}}\n  name: {{first: No, last: Terms}}\n- just words\n- name: {{last: Idless}}\n"
    )
    result = crm("import", "influencers", write(tmp_path, "a.yaml", text))
    assert (result.exit_code, result.stdout, count()) == (1, "", 0)
    assert "line 9: Terms (X1) has no terms." in result.stderr
    assert "3 rows cannot be imported" in result.stderr


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\n"
BROKEN = {
    "bomb.yaml": (BOMB, "line 2 uses an alias"),
    "deep.yaml": ("[" * 5000, "nested more than 32 deep"),
    "open.yaml": ("- a: [1, 2\n- b", "is not YAML"),
    "tag.yaml": ("- !!python/object/apply:os.system [ls]\n", "is not YAML"),
    "date.yaml": ("- 2026-13-45\n", "cannot be read"),
    "map.yaml": ("a: 1\n", "is not a list of legislators"),
    "empty.yaml": ("", "is not a list of legislators"),
    "latin.yaml": ("- name: Jos\xe9".encode("latin-1"), "is not UTF-8 (line 1)"),
    "neither.csv": (b"name\nAda\x81\x8d\n", "neither in UTF-8 nor in Windows-1252"),
    "empty.csv": ("", "The file is empty"),
    "other.csv": ("a,b\n1,2\n", "No column is called “name”"),
    "twice.csv": ("name,E-mail,email\nA,b,c\n", "two columns for email"),
    "cell.csv": ("name,notes\nAda,{}\n".format("x" * 10_000_000), "more than 10,000 characters"),
    "quote.csv": ('name,notes\nAda,"open\n' + "x" * 200_000, "Row 2 has a cell of more than"),
    "zip.csv": (b"PK\x03\x04\x00\x00", "packed file"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_file_that_cannot_be_read_says_why_and_changes_nothing(crm, tmp_path, name):
    text, message = BROKEN[name]
    result = crm("import", "influencers", write(tmp_path, name, text))
    assert (result.exit_code, result.stdout, count()) == (1, "", 0)
    assert message in result.stderr and "Nothing was imported" in result.stderr


def test_a_file_over_fifty_megabytes_is_refused_unread(crm, tmp_path):
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_001)
    assert "larger than 50 MB" in crm("import", "influencers", path).stderr


def test_an_unknown_committee_names_those_that_there_are(crm, tmp_path):
    path = write(tmp_path, "a.yaml", LEGISLATOR.format(id="S000185", phone="1"))
    seats = write(tmp_path, "seats.yaml", SEATS)
    result = crm("import", "influencers", path, "--committees", seats, "--committee", "HSXX")
    assert result.exit_code == 2 and "knows no committee HSXX. It knows: HSED." in result.stderr


def test_wrong_use_exits_with_two(crm, tmp_path):
    path = write(tmp_path, "a.csv", "name\nAda Adams\n")
    assert crm("import", "influencers", path, "--committee", "HSED").exit_code == 2
    assert crm("import", "influencers", path, "--committees", path).exit_code == 2
    assert crm("import", "influencers", tmp_path / "none.csv").exit_code == 2


CSV = """\ufeffName;E-mail;Organization;Role;Sector;Phone;Website;State;District;Owner;Stage;Interest
Ada Adams;ADA@mail.example;Acme;Chair;Employer;1;https://acme.example;MI;5;oscar@bridgeway.example;engaged;4
Maria de la Cruz;;State College;Dean;educator;;;;;;;
"""


def test_a_csv_with_a_mark_and_semicolons_is_read_and_twice_changes_nothing(crm, oscar, tmp_path):
    path = write(tmp_path, "people.csv", CSV)
    assert crm("import", "influencers", path).stdout == "2 influencers: 2 created, 0 updated, 0 unchanged\n"
    ada, maria = listing.find_all()
    assert (ada.contact.email, ada.owner_id, ada.stage, ada.interest) == ("ada@mail.example", oscar.id, "engaged", 4)
    assert (ada.sector, ada.contact.organization_name, ada.constituency) == ("employer", "Acme", "MI-5")
    assert (maria.contact.first_name, maria.contact.last_name, maria.sector) == ("Maria de la", "Cruz", "educator")
    assert maria.contact.confirmed_at is None and maria.contact.subscriptions == []
    assert "2 unchanged" in crm("import", "influencers", path).stdout

    changed = write(tmp_path, "people.csv", CSV.replace("Chair", "President").replace("engaged", "asked"))
    assert "1 updated, 1 unchanged" in crm("import", "influencers", changed).stdout
    ada = listing.find_all()[0]
    assert (ada.role, ada.stage) == ("President", "engaged")


def test_a_csv_of_an_older_spreadsheet_is_read_too(crm, tmp_path):
    crm("import", "influencers", write(tmp_path, "p.csv", "name\nJosé Núñez\n".encode("cp1252")))
    assert listing.find_all()[0].name == "José Núñez"


def test_a_csv_row_about_a_supporter_makes_that_contact_an_influencer(crm, tmp_path):
    contact = factories.make_contact(
        "ada@mail.example", first_name="Ada", last_name="A.", topics={"research": "active"}
    )
    db.session.commit()
    assert (
        "1 created"
        in crm(
            "import",
            "influencers",
            write(tmp_path, "p.csv", CSV.split("Maria")[0].replace("oscar@bridgeway.example", "")),
        ).stdout
    )
    one = db.session.scalars(select(Influencer)).one()
    assert (one.contact_id, one.contact.last_name) == (contact.id, "A.")
    assert [s.state for s in one.contact.subscriptions] == ["active"]


def test_a_csv_fills_what_is_blank_on_an_influencer_added_by_hand(crm, tmp_path):
    factories.make_influencer(contact=factories.make_contact("ada@mail.example"), role="Governor")
    db.session.commit()
    path = write(tmp_path, "p.csv", "name,email,role,phone\nAda Adams,ada@mail.example,Chair,555\n")
    assert "1 updated" in crm("import", "influencers", path).stdout
    one = db.session.scalars(select(Influencer)).one()
    assert (one.role, one.phone) == ("Governor", "555")


PLAIN = "name,organization,role,phone\nMaria Cruz,State College,Dean,1\nAna Diaz,State College,Dean,2\n"


def test_people_without_id_and_e_mail_are_found_again_though_staff_renamed_them(crm, oscar, tmp_path):
    crm("import", "influencers", write(tmp_path, "a.csv", PLAIN))
    maria = db.session.scalars(select(Influencer).where(Influencer.phone == "1")).one()
    values = {"first_name": "María", "last_name": "Cruz Ortega", "organization_name": "State University"}
    profiles.edit(maria, {**values, "role": "Provost"}, oscar, maria.version)
    db.session.commit()
    assert "2 unchanged" in crm("import", "influencers", write(tmp_path, "later.csv", PLAIN)).stdout
    moved = write(tmp_path, "moved.csv", PLAIN.replace("Maria Cruz", "Maria  Cruz").replace("Dean,1", "Dean,7"))
    assert "1 updated, 1 unchanged" in crm("import", "influencers", moved).stdout
    maria = db.session.get_one(Influencer, maria.id)
    assert (maria.name, maria.contact.organization_name) == ("María Cruz Ortega", "State University")
    assert (maria.role, maria.phone, count()) == ("Provost", "7", 2)


def test_a_person_whose_e_mail_staff_changed_is_found_again(crm, tmp_path):
    path = write(tmp_path, "a.csv", "name,email,role\nAda Adams,ada@mail.example,Chair\n")
    crm("import", "influencers", path)
    one = db.session.scalars(select(Influencer)).one()
    one.contact.email = "ada@new.example"
    db.session.commit()
    assert "1 unchanged" in crm("import", "influencers", path).stdout
    assert db.session.scalars(select(Contact.email)).all() == ["ada@new.example"]


def test_somebody_renamed_by_staff_is_not_taken_for_a_namesake_in_the_file(crm, oscar, tmp_path):
    crm("import", "influencers", write(tmp_path, "a.csv", "name,phone\nMaria Cruz,1\n"))
    maria = listing.find_all()[0]
    profiles.edit(maria, {"first_name": "Ana", "last_name": "Diaz"}, oscar, maria.version)
    db.session.commit()
    both = write(tmp_path, "b.csv", "name,phone\nAna Diaz,2\nMaria Cruz,1\n")
    assert "1 created, 0 updated, 1 unchanged" in crm("import", "influencers", both).stdout
    assert "2 unchanged" in crm("import", "influencers", both).stdout


def test_somebody_added_by_hand_is_found_by_name(crm, tmp_path):
    by_hand = factories.make_influencer("Maria", "Cruz")
    by_hand.contact.email = None
    db.session.commit()
    path = write(tmp_path, "a.csv", "name,phone\nMaria Cruz,1\n")
    assert "1 updated" in crm("import", "influencers", path).stdout
    assert (count(), db.session.get_one(Influencer, by_hand.id).phone) == (1, "1")


def test_bad_rows_of_a_csv_are_all_listed_with_their_lines(crm, tmp_path):
    rows = [
        "name,email,sector,website,owner,interest,role",
        "Ada Adams,not an address,,,,,",
        ",b@mail.example,,,,,",
        "Cy Cole,,wizardry,,,,",
        "Di Dole,,,javascript:x,,,",
        "Ed Eden,,,,who@mail.example,,",
        "Fy Fox,,,,,9,",
        f"Gy Gold,,,,,,{'x' * 201}",
        "Hy Hill,h@mail.example,,,,,",
        "Hy Hall,H@mail.example,,,,,",
    ]
    result = crm("import", "influencers", write(tmp_path, "p.csv", "\n".join(rows)))
    assert (result.exit_code, count()) == (1, 0)
    lines = result.stderr.splitlines()
    assert [line.partition(":")[0] for line in lines[:8]] == [f"row {n}" for n in (2, 3, 4, 5, 6, 7, 8, 10)]
    assert lines[7] == "row 10: the same person as in row 9."
    assert "8 rows cannot be imported" in lines[8]


def test_an_id_that_is_somebody_else_here_is_a_bad_row(crm, tmp_path):
    crm("import", "influencers", write(tmp_path, "a.csv", "id,name,email\n1,Ann Able,ann@mail.example\n2,Cy Cole,\n"))
    other = crm(
        "import", "influencers", write(tmp_path, "b.csv", "id,name,email\n3,New One,\n1,Bob Baker,bob@b.example\n")
    )
    assert (other.exit_code, count()) == (1, 2)
    assert "row 3: id 1 is Ann Able here, and neither name nor e-mail of this row are theirs." in other.stderr
    assert {one.name for one in listing.find_all()} == {"Ann Able", "Cy Cole"}


def test_an_id_finds_a_person_again_by_another_name_or_another_address(crm, oscar, tmp_path):
    text = "id,name,email,phone\n1,Ann Able,ann@mail.example,{}\n"
    crm("import", "influencers", write(tmp_path, "a.csv", text.format(1)))
    married = text.format(2).replace("Able", "Baker")
    moved = text.format(3).replace("Able", "Baker").replace("ann@mail", "ann@new")
    for changed in (married, moved):
        assert "1 updated" in crm("import", "influencers", write(tmp_path, "a.csv", changed)).stdout
    ann = listing.find_all()[0]
    profiles.edit(ann, {"last_name": "Renamed"}, oscar, ann.version)
    db.session.commit()
    assert "1 unchanged" in crm("import", "influencers", write(tmp_path, "a.csv", moved)).stdout


def test_a_file_is_read_without_the_write_lock_and_written_in_short_steps(crm, tmp_path, monkeypatch):
    read, standing = [], []
    monkeypatch.setattr(influencers, "STEP", 0)
    take = profiles.take_facts

    def write_meanwhile(facts, user):
        with db.engine.connect() as other:
            other.exec_driver_sql("UPDATE topic SET position = position")
            other.rollback()
        read.append(facts)

    def count_committed(*words):
        with reading(), db.engine.connect() as other:
            standing.append(other.scalar(select(func.count()).select_from(Influencer)))
        return take(*words)

    monkeypatch.setattr(influencer_csv, "_check_id", write_meanwhile)
    monkeypatch.setattr(profiles, "take_facts", count_committed)
    crm("import", "influencers", write(tmp_path, "a.csv", PLAIN))
    assert (len(read), standing) == (2, [0, 1])


def test_a_list_of_more_people_than_influencers_can_be_is_refused(crm, tmp_path, monkeypatch):
    monkeypatch.setattr(influencer_csv, "MAX_ROWS", 1)
    for path in (write(tmp_path, "a.csv", PLAIN), write(tmp_path, "a.yaml", two_legislators())):
        result = crm("import", "influencers", path)
        assert (result.exit_code, count()) == (1, 0)
        assert "import supporters under People. Nothing was imported." in result.stderr


def two_legislators() -> str:
    return "".join(LEGISLATOR.format(id=id_, phone="1") for id_ in ("S000185", "S000186"))
