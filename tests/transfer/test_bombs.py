"""Files made to break a reader: through every door they get a clear message, and nothing of them stays."""

import io

import pytest
from sqlalchemy import func, select

from crm.cli import main
from crm.contacts.models import Contact, District
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.transfer import mending
from crm.transfer.models import ImportRun
from tests.transfer.files import bring_in

COMMANDS = ("contacts", "influencers", "districts")
HEADERS = {
    "a long cell": ("x" * 20_000, "more than 10,000 characters"),
    "a cell beyond the limit of the csv module": ("x" * 200_000, "more than 10,000 characters"),
    "a cell as long as a line may be": ("x" * 3_000_000, "more than 10,000 characters"),
    "an open quotation mark": ('"' + "x\n" * 100_000, "quotation mark"),
    "thousands of columns": (",".join(f"c{number}" for number in range(5_000)), "more than 200 columns"),
    "a million separators": ("," * 1_000_000, "more than 200 columns"),
}


def bomb(kind: str) -> bytes:
    return f"email,name,{HEADERS[kind][0]}\namina@mail.example,Amina Haddad,x\n".encode()


def rows() -> int:
    return sum(
        db.session.scalar(select(func.count()).select_from(m)) for m in (Contact, District, Influencer, ImportRun)
    )


@pytest.mark.parametrize("kind", HEADERS)
def test_a_bomb_in_the_header_is_refused_by_each_command(app, tmp_path, kind):
    path = tmp_path / "bomb.csv"
    path.write_bytes(bomb(kind))
    for command in COMMANDS:
        result = app.test_cli_runner().invoke(main, ["import", command, str(path)])
        db.session.rollback()
        assert (result.exit_code, result.stdout) == (1, "")
        assert HEADERS[kind][1] in result.stderr
        assert len(result.stderr) < 1_000
    assert rows() == 0


@pytest.mark.parametrize("kind", HEADERS)
def test_a_bomb_in_the_header_is_refused_beside_the_field(app, as_oscar, kind):
    for page in ("/staff/imports/", "/staff/influencers/import/"):
        status = 200 if page == "/staff/imports/" else 422
        answer = as_oscar.send(page, {"file": (io.BytesIO(bomb(kind)), "bomb.csv")}, status=status)
        assert HEADERS[kind][1] in answer.text
    assert rows() == 0


FAR = {
    "9999-12-31 23:59:59": "lies in the future",
    "9999-12-31T23:59:59-14:00": "lies in the future",
    "0001-01-01 00:00:00": "lies before 1990",
    "0001-01-01T00:00:00+14:00": "lies before 1990",
    "01/01/0001": "lies before 1990",
    "10000-01-01": "is not a date",
    "0000-00-00": "is not a date",
}


@pytest.mark.parametrize("text", FAR)
@pytest.mark.parametrize("column", ["OPTIN_TIME", "CONFIRM_TIME", "UNSUB_TIME"])
def test_a_far_date_is_an_error_of_its_row_alone(app, text, column):
    file = f"email,{column}\namina@mail.example,{text}\nbea@mail.example,2023-05-01 10:00:00\n"
    counts = bring_in(file)
    assert (counts["errors"], counts["new"]) == (1, 1)
    run = db.session.scalars(select(ImportRun)).one()
    assert FAR[text] in mending.faults(run)[0].message


@pytest.mark.parametrize("text", FAR)
def test_a_far_date_that_proves_nothing_stops_no_row(app, text):
    file = f"email,can2_subscription_status,can2_subscription_date\namina@mail.example,subscribed,{text}\n"
    assert bring_in(file, consent="Paper form of May 2023.")["activated"] == 1
