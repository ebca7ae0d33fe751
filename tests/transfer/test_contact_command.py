"""`crm import contacts`, as it is typed."""

import io
import json
import uuid

import pytest
from sqlalchemy import func, select

from crm.base.models import AuditEntry
from crm.cli import main
from crm.contacts import subscriptions
from crm.contacts.models import Contact
from crm.extensions import db
from crm.transfer import contact_command, storage
from crm.transfer.models import ImportRun, RowFault
from tests.transfer.files import action_network


@pytest.fixture
def crm(app, tmp_path, monkeypatch):
    """Run a command in an empty folder; returns (exit code, standard output, standard error)."""
    monkeypatch.chdir(tmp_path)
    runner = app.test_cli_runner()

    def run(*words: str):
        db.session.remove()
        result = runner.invoke(main, list(words))
        return result.exit_code, result.stdout, result.stderr

    return run


@pytest.fixture
def export(tmp_path):
    path = tmp_path / "an.csv"
    people = [("amina@mail.example", "subscribed"), ("bad", "subscribed"), ("carol@x.example", "")]
    path.write_text(action_network(*people))
    return path


def copies() -> list[str]:
    """The names of the files that lie in the folder of imports."""
    return [path.name for path in storage.path_of(uuid.uuid4()).parent.iterdir()]


def people() -> int:
    return db.session.scalar(select(func.count()).select_from(Contact))


def test_people_are_imported_and_the_rows_with_errors_written_beside(crm, export, tmp_path):
    code, out, err = crm("import", "contacts", str(export), "--consent", "Paper form of May 2023.")
    assert code == 0, err
    assert out.splitlines()[0] == "an.csv: 3 rows (Action Network) imported"
    assert "1 made active by consent" in out
    assert "row 3: “bad” is not an e-mail address" in err
    assert people() == 2
    assert (tmp_path / "an.errors.csv").read_text(encoding="utf-8-sig").count("\n") == 2
    assert subscriptions.states(db.session.get_one(Contact, 1)) == {"action-alerts": "active"}


def test_a_dry_run_prints_the_counts_and_leaves_nothing(crm, export):
    code, out, _ = crm("import", "contacts", str(export), "--consent", "Paper form.", "--dry-run")
    assert code == 0
    assert "would be imported" in out
    assert people() == 0
    for model in (ImportRun, RowFault, AuditEntry):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_an_unknown_topic_names_the_known_ones_and_imports_nothing(crm, export):
    code, out, err = crm("import", "contacts", str(export), "--topic", "nosuch")
    assert (code, out) == (1, "")
    assert "There is no topic “nosuch”. Topics are: action-alerts, research, webinars." in err
    assert people() == 0
    assert copies() == []


def test_a_file_that_cannot_be_read_says_why(crm, tmp_path):
    path = tmp_path / "sheet.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + bytes(100))
    code, _, err = crm("import", "contacts", str(path))
    assert code == 1
    assert "Save the sheet as “CSV UTF-8”" in err
    assert copies() == []
    assert crm("import", "contacts", str(tmp_path / "missing.csv"))[0] == 2


def test_a_column_for_addresses_must_be_there(crm, tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(io.BytesIO(b"name\nAmina\n").read())
    _, _, err = crm("import", "contacts", str(path))
    assert "Name one column “email”" in err
    assert "Nothing was imported." in err
    assert copies() == []


def test_the_counts_are_one_json_object(crm, export):
    words = ("import", "contacts", str(export), "--consent", "Paper form of May 2023.", "--json")
    checked = json.loads(crm(*words, "--dry-run")[1])
    done = json.loads(crm(*words)[1])
    assert (checked["state"], done["state"]) == ("checked", "done")
    assert {name: done[name] for name in ("file", "rows", "new", "activated", "errors", "taken_out")} == {
        "file": "an.csv",
        "rows": 3,
        "new": 2,
        "activated": 1,
        "errors": 1,
        "taken_out": 0,
    }


@pytest.mark.parametrize("dry", [False, True])
def test_an_import_that_is_interrupted_is_taken_up_by_no_worker(crm, export, monkeypatch, dry):
    monkeypatch.setattr(contact_command, "_show_progress", interrupt)
    code, out, err = crm("import", "contacts", str(export), *(["--dry-run"] if dry else []))
    assert (code, out) == (1, "")
    states = list(db.session.scalars(select(ImportRun.state)))
    if dry:
        assert "Stopped. Nothing was imported." in err
        assert (states, copies(), people()) == ([], [], 0)
    else:
        assert "Stopped: 3 of 3 rows of an.csv are imported and stay." in err
        assert (states, people()) == (["stopped"], 2)


def interrupt(_run):
    raise KeyboardInterrupt
