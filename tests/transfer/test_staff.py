"""The import pages: upload, columns, dry run, progress, errors."""

import io

import pytest
from sqlalchemy import func, select

from crm.contacts import subscriptions
from crm.contacts.models import Contact
from crm.extensions import db
from crm.transfer import work
from crm.transfer.models import ImportRun
from tests.transfer.files import action_network

EXPORT = action_network(("amina@mail.example", "subscribed"), ("bad", "subscribed"), ("carol@mail.example", "bouncing"))


def upload(browser, text: str | bytes = EXPORT, name: str = "export.csv"):
    content = text if isinstance(text, bytes) else text.encode()
    return browser.send("/staff/imports/", {"file": (io.BytesIO(content), name)}).text


def columns(run: ImportRun) -> dict[str, str]:
    return {f"column-{place}": name for place, name in enumerate(run.mapping)}


def only() -> ImportRun:
    db.session.expire_all()
    return db.session.scalars(select(ImportRun)).one()


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Contact))


def test_a_file_goes_from_upload_through_the_dry_run_to_people(app, as_oscar):
    page = upload(as_oscar)
    assert "recognized as: Action Network" in page
    assert "amina@mail.example" in page
    terms = {"topics": ["research"], "consent": "Paper form of May 2023.", "holds": "", **columns(only())}
    page = as_oscar.send("/staff/imports/1/check", terms).text
    assert "Dry run: 0 of 3 rows" in page
    assert "Waiting for the worker" in page
    work.work()
    assert people() == 0
    page = as_oscar.page("/staff/imports/1").text
    assert "What would happen" in page
    assert "Row 3: <bdi>“bad” is not an e-mail address" in page
    as_oscar.send("/staff/imports/1/run")
    work.work()
    page = as_oscar.page("/staff/imports/1").text
    assert "What happened" in page
    assert people() == 2
    amina = db.session.scalars(select(Contact).where(Contact.email == "amina@mail.example")).one()
    assert subscriptions.states(amina) == {"research": "active"}
    errors = as_oscar.get("/staff/imports/1/errors.csv")
    assert errors.mimetype == "text/csv"
    assert "bad" in errors.text
    assert "Imported from export.csv" in as_oscar.page(f"/staff/people/{amina.id}/").text


def test_a_file_that_cannot_be_read_is_refused_beside_the_field(app, as_oscar):
    page = upload(as_oscar, b"PK\x03\x04 no zip", "people.xlsx")
    assert "Save the sheet as “CSV UTF-8”" in page
    assert "<title>Error:" in page
    assert "Choose a file." in as_oscar.send("/staff/imports/", {}).text
    assert db.session.scalars(select(ImportRun)).all() == []


def test_columns_that_were_not_recognized_can_be_named_by_hand(app, as_oscar):
    upload(as_oscar, "Contact,Given\namina@mail.example,Amina\n")
    terms = {"topics": [], "consent": "", "holds": ""}
    page = as_oscar.send("/staff/imports/1/check", {**terms, "column-0": "", "column-1": "first_name"}).text
    assert "No column holds e-mail addresses" in page
    assert '<option value="first_name" selected>' in page
    page = as_oscar.send("/staff/imports/1/check", {**terms, "column-0": "email", "column-1": "email"}).text
    assert "Two columns are set to “E-mail address”" in page
    page = as_oscar.send("/staff/imports/1/check", {**terms, "column-0": "drop", "column-1": "email"}).text
    assert "Open the import again" in page
    as_oscar.send("/staff/imports/1/check", {**terms, "column-0": "email", "column-1": "first_name"})
    work.work()
    assert only().expected["new"] == 1


def test_an_import_cannot_skip_the_dry_run_or_be_started_twice(app, as_oscar):
    upload(as_oscar)
    assert "has moved on meanwhile" in as_oscar.send("/staff/imports/1/run").text
    assert only().state == "new"
    terms = {"topics": ["research"], "consent": "", "holds": "", **columns(only())}
    as_oscar.send("/staff/imports/1/check", terms)
    work.work()
    as_oscar.send("/staff/imports/1/run")
    assert "has moved on meanwhile" in as_oscar.send("/staff/imports/1/run").text


def test_an_import_is_stopped_and_continued(app, as_oscar, monkeypatch):
    monkeypatch.setattr(work, "FIRST", 1)
    upload(as_oscar)
    terms = {"topics": ["research"], "consent": "", "holds": "", **columns(only())}
    as_oscar.send("/staff/imports/1/check", terms)
    work.work()
    as_oscar.send("/staff/imports/1/run")
    work.work(budget=0)
    assert "Importing: 1 of 3 rows" in as_oscar.page("/staff/imports/1").text
    assert "So far, 1 of 3 rows" in as_oscar.send("/staff/imports/1/stop").text
    work.work()
    assert people() == 1
    as_oscar.send("/staff/imports/1/continue")
    work.work()
    assert (only().state, people()) == ("done", 2)


def test_the_moving_part_asks_for_the_whole_page_when_it_is_done(app, as_oscar):
    upload(as_oscar)
    as_oscar.send("/staff/imports/1/check", {"topics": ["research"], "consent": "", "holds": "", **columns(only())})
    assert "HX-Refresh" not in as_oscar.get("/staff/imports/1/progress").headers
    work.work()
    assert as_oscar.get("/staff/imports/1/progress").headers["HX-Refresh"] == "true"


def test_the_list_shows_what_was_imported(app, as_oscar):
    assert "No file yet" in as_oscar.page("/staff/imports/").text
    upload(as_oscar)
    assert "export.csv" in as_oscar.page("/staff/imports/").text


@pytest.mark.parametrize("name", ["../../etc/passwd.csv", "C:\\temp\\x.csv", "<b>.csv", ""])
def test_the_name_of_a_file_is_only_shown(app, as_oscar, name):
    upload(as_oscar, name=name or "x")
    assert "/" not in only().filename
    assert "\\" not in only().filename
    as_oscar.page("/staff/imports/1")
