"""Imports are worked through in the background: they can be killed, stopped, taken up again, and mended."""

import csv
import io
import uuid
import zipfile
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import func, select, text

from crm.base import clock, jobs
from crm.contacts.models import ConsentRecord, Contact
from crm.extensions import db
from crm.transfer import mending, record, runs, storage, work
from crm.transfer.models import CHECKING, DONE, RUNNING, ImportRun
from crm.transfer.tabular import Refused
from tests.transfer.files import action_network, bring_in, carry_out, mailchimp, receive

pytestmark = pytest.mark.usefixtures("app")
CONSENT = "Signed our paper form."
PEOPLE = 130


@pytest.fixture
def started(monkeypatch) -> ImportRun:
    """An import of 130 people that waits for the worker, which takes 10 at a time."""
    monkeypatch.setattr(work, "LARGEST", 10)
    monkeypatch.setattr(work, "FIRST", 10)
    run = receive(action_network(*[(f"p{n}@mail.example", "subscribed") for n in range(PEOPLE)]))
    runs.settle_terms(run, mapping=run.mapping, holds="", topics=(), consent=CONSENT)
    runs.start(run, RUNNING)
    db.session.commit()
    return run


def again(run: ImportRun) -> ImportRun:
    return db.session.get_one(ImportRun, run.id, populate_existing=True)


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Contact))


def later():
    return time_machine.travel(clock.now() + timedelta(minutes=1))


class Killed(BaseException):
    """Stands for SIGKILL: nothing in the program catches it."""


def kill_after(monkeypatch, chunks: int) -> None:
    write, calls = record.write, []

    def dying(verdicts, terms):
        write(verdicts, terms)
        calls.append(1)
        if len(calls) > chunks:
            raise Killed

    monkeypatch.setattr(record, "write", dying)
    with pytest.raises(Killed):
        work.work()
    db.session.rollback()
    monkeypatch.setattr(record, "write", write)


def test_after_a_kill_the_import_goes_on_where_it_was_and_nobody_is_doubled(started, monkeypatch):
    kill_after(monkeypatch, 3)
    assert again(started).position == people() == 30
    assert work.work() == 0, "the killed worker still holds its lease"
    with later():
        assert work.work() == 1
    assert again(started).state == "done"
    assert again(started).counts == {"new": PEOPLE, "activated": PEOPLE, "errors": 0}
    assert people() == PEOPLE
    assert db.session.scalar(select(func.count()).select_from(ConsentRecord)) == PEOPLE


def test_a_dry_run_that_was_killed_counts_nothing_twice(started, monkeypatch):
    runs.stop(started)
    runs.go_on(started)
    db.session.commit()
    assert started.state == CHECKING
    work.work(budget=0)
    with monkeypatch.context() as patch:
        patch.setattr(work._Worker, "_fit", lambda *_: (_ for _ in ()).throw(Killed))
        with pytest.raises(Killed):
            work.work()
    db.session.rollback()
    with later():
        work.work()
    assert again(started).expected == {"new": PEOPLE, "activated": PEOPLE, "errors": 0}
    assert people() == 0


def test_a_tick_works_for_its_time_and_the_next_one_goes_on(started):
    assert work.work(budget=0) == 1
    assert again(started).position == 10
    work.work()
    assert again(started).state == "done"


def test_a_stopped_import_stops_between_two_chunks_and_can_be_continued(started):
    work.work(budget=0)
    assert runs.stop(again(started))
    db.session.commit()
    assert work.work() == 0
    assert people() == 10
    started.expected = {"new": PEOPLE}
    assert runs.go_on(again(started)) is True


def test_a_worker_that_was_overtaken_writes_nothing_more(started):
    work.work(budget=0)

    def stop_it(_run):
        runs.stop(again(started))
        db.session.commit()
        return True

    mine = work._take(started.id)
    work.advance(mine, stop_it)
    assert again(started).state == "stopped"
    assert people() == 20


def test_an_import_can_be_started_only_once(started):
    assert not runs.start(started, RUNNING)
    db.session.commit()
    work.work()
    assert not runs.start(again(started), RUNNING)
    assert not runs.start(again(started), CHECKING)


def test_a_lost_file_fails_with_a_message(started):
    storage.remove(started.public_id)
    work.work()
    assert again(started).state == "failed"
    assert "Upload it again" in again(started).message


def test_an_error_of_the_program_fails_the_import_and_not_the_worker(started, monkeypatch):
    monkeypatch.setattr(record, "write", lambda *_: 1 / 0)
    work.work()
    assert again(started).state == "failed"
    assert people() == 0


def test_rows_with_errors_come_back_as_a_file_that_can_be_mended_and_imported():
    text = action_network(("amina@mail.example", "subscribed"), ("carol(at)mail.example", "subscribed"))
    run = receive(text.replace("Last1", "=Last1"))
    runs.settle_terms(run, mapping=run.mapping, holds="", topics=(), consent=CONSENT)
    assert carry_out(run, RUNNING) == {"new": 1, "activated": 1, "errors": 1}
    mended = "".join(mending.lines(again(run)))
    header, row = list(csv.reader(io.StringIO(mended)))
    assert header == [*run.header, "import_error"]
    assert row[3] == "carol(at)mail.example"
    assert "Row 3: “carol(at)mail.example” is not an e-mail address" in row[-1]
    mended = mended.replace("carol(at)mail", "carol@mail", 1)
    assert bring_in(mended, consent=CONSENT) == {"new": 1, "activated": 1}
    assert db.session.scalars(select(Contact).where(Contact.email == "carol@mail.example")).one().last_name == "=Last1"


def test_a_mended_file_with_errors_again_has_one_error_column():
    run = receive("email,import_error\nbad,Row 2: something\n")
    carry_out(run, RUNNING)
    header, row = list(csv.reader(mending.lines(again(run))))
    assert header == ["email", "import_error"]
    assert len(row) == 2


def test_the_zip_of_mailchimp_makes_an_import_of_each_file_and_those_who_left_come_first():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lists/subscribed_members_export_1.csv", mailchimp(("amina@mail.example", "2022-01-01", "")))
        archive.writestr("../../unsubscribed_members_export_1.csv", mailchimp(("carol@mail.example", "", "")))
        archive.writestr("__MACOSX/._x.csv", "x")
        archive.writestr("readme.txt", "x")
    packed.seek(0)
    found = runs.receive(packed, "audience.zip", actor="alice")
    assert [(run.filename, run.holds) for run in found] == [
        ("unsubscribed_members_export_1.csv", "unsubscribed"),
        ("subscribed_members_export_1.csv", ""),
    ]
    assert all(storage.path_of(run.public_id).parent.name == "imports" for run in found)


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"xl/workbook.xml": "x"}, "Excel workbook"),
        ({"readme.txt": "x"}, "one to 10 CSV files"),
        ({"bomb.csv": "a" * 5_000_000}, "unlikely size"),
        ({"a.csv": "email\n"}, "nothing below"),
    ],
)
def test_packed_files_that_are_no_export_are_refused_and_nothing_stays(members, words):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    packed.seek(0)
    with pytest.raises(Refused, match=words):
        runs.receive(packed, "upload.zip", actor="alice")
    assert not list(storage.path_of(runs.uuid.uuid4()).parent.iterdir())


def test_files_are_forgotten_after_thirty_days(started):
    work.work()
    with time_machine.travel(clock.now() + timedelta(days=31)):
        assert runs.forget_files() == 1
        assert runs.forget_files() == 0
    assert not storage.path_of(started.public_id).exists()
    with pytest.raises(OSError, match="No such file"):
        mending.lines(again(started))


def test_what_an_upload_that_broke_off_has_left_goes_after_a_day(started):
    stray = storage.path_of(uuid.uuid4()).with_suffix(".part")
    stray.write_text("email\namina@mail.example\n")
    assert runs.forget_files() == 0
    with time_machine.travel(clock.now() + timedelta(days=2)):
        assert runs.forget_files() == 1
    assert not stray.exists()
    assert storage.path_of(started.public_id).exists()


def test_a_job_works_on_its_import_alone_and_asks_for_the_rest(started):
    other = receive(action_network(("b@mail.example", "subscribed")))
    db.session.commit()
    work.work_on(other.id)
    assert people() == 0, "nobody has started that one"
    for _ in range(20):
        work.work_on(started.id, budget=0)
    assert again(started).state == DONE
    assert people() == PEOPLE


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_tick_of_a_worker_that_runs_jobs_leaves_imports_to_jobs(started, monkeypatch):
    monkeypatch.setitem(jobs._process, "runs jobs", True)
    for _ in range(2):
        assert work.work() == 0
        db.session.commit()
    rows = text("SELECT task_name, CAST(args ->> 'number' AS int) FROM procrastinate_jobs")
    assert [tuple(row) for row in db.session.execute(rows)] == [(runs.IMPORT, started.id)]


def test_an_import_whose_file_lies_on_another_host_is_left_to_that_host(started):
    path = storage.path_of(started.public_id)
    elsewhere = path.rename(path.with_suffix(".elsewhere"))
    work.work_on(started.id)
    assert (again(started).state, people()) == (RUNNING, 0)
    elsewhere.rename(path)
    work.work_on(started.id, budget=60)
    assert again(started).state == DONE
