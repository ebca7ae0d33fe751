"""Evidence files of an ask: added, refused, opened by those who see the ask, removed, kept by backups."""

import io
import os
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, select

from crm.base import clock
from crm.base.registries import kept_files
from crm.extensions import db
from crm.influencers import asks
from crm.influencers.evidence import filing, kinds, storage
from crm.influencers.evidence.models import AskFile
from crm.influencers.models import Ask
from crm.site.backup import making
from tests import factories
from tests.influencers.evidence.samples import BAD, GOOD


@pytest.fixture
def ask(app, oscar):
    one = factories.make_ask(user=oscar, title="Speak")
    asks.advance(one, "made", oscar)
    asks.advance(one, "agreed", oscar)
    db.session.commit()
    return one


@pytest.fixture
def file(as_oscar, ask):
    add(as_oscar, ask, GOOD["pdf"], "letter.pdf")
    return db.session.scalars(select(AskFile)).one()


def add(browser, ask, content, name, note="", status=200):
    data = {"evidence-file": (io.BytesIO(content), name), "evidence-note": note}
    return browser.send(f"/staff/asks/{ask.id}/files", data, status=status, content_type="multipart/form-data").text


def folder(app):
    return Path(app.config["INSTANCE_PATH"]) / "evidence"


def lying(app):
    return list(folder(app).iterdir())


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_of_each_kind_is_added_and_comes_back_as_it_was(as_oscar, ask, kind):
    page = add(as_oscar, ask, GOOD[kind], f"answer.{kind}", "Her answer")
    for words in (f"answer.{kind}", "Her answer", kinds.KINDS[kind].label, "Oscar Organizer", "Evidence file: nothing"):
        assert words in page
    answer = as_oscar.get(f"/staff/asks/files/{db.session.scalar(select(AskFile.id))}")
    assert answer.data == GOOD[kind] and answer.mimetype == kinds.KINDS[kind].mimetype
    assert answer.headers["Content-Disposition"] == f"attachment; filename=answer.{kind}"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.cache_control.no_store


@pytest.mark.parametrize("name", BAD)
def test_a_file_of_another_kind_is_refused_and_nothing_typed_is_lost(app, as_oscar, ask, name):
    page = add(as_oscar, ask, BAD[name], name, "Her answer", status=422)
    assert "Choose a file of these kinds: PDF, PNG" in page and 'value="Her answer"' in page
    assert lying(app) == [] and filing.of(ask) == []


@pytest.mark.parametrize("size", [1, 6])
def test_a_file_that_is_too_large_is_refused_and_nothing_typed_is_lost(app, as_oscar, ask, size):
    app.config.update(MAX_UPLOAD_MB=1, MAX_CONTENT_LENGTH=1 << 20)
    page = add(as_oscar, ask, b"%PDF-" + bytes(size << 20), "letter.pdf", "Her answer", status=422)
    assert "The file is larger than 1 MB" in page and 'value="Her answer"' in page
    assert lying(app) == []


def test_without_a_file_the_form_says_so(as_oscar, ask):
    page = as_oscar.send(f"/staff/asks/{ask.id}/files", {"evidence-note": "Her answer"}, status=422).text
    assert "Choose a file." in page and 'value="Her answer"' in page


def test_a_delivered_ask_needs_a_file_or_a_link_and_the_step_takes_either(app, as_oscar, ask):
    def step(**given):
        data = {f"delivered-{name}": value for name, value in {"version": ask.version, **given}.items()}
        return as_oscar.post(f"/staff/asks/{ask.id}/to/delivered", data=data, content_type="multipart/form-data")

    assert "Give a link or a file" in step(outcome="She spoke").text
    page = step(outcome="She spoke", file=(io.BytesIO(BAD["letter.pdf"]), "letter.pdf"))
    assert page.status_code == 422 and "Choose a file of these kinds" in page.text and "She spoke" in page.text
    assert step(version=1, file=(io.BytesIO(GOOD["png"]), "photo.png")).status_code == 409
    assert lying(app) == []
    assert step(file=(io.BytesIO(GOOD["png"]), "photo.png")).status_code == 302
    page = as_oscar.page(f"/staff/asks/{ask.id}").text
    assert "Agreed → Delivered" in page and "photo.png" in page
    assert "Files<span" in as_oscar.page("/staff/asks/").text


def test_a_delivered_ask_keeps_its_last_file(app, as_oscar, ask, file, oscar):
    asks.advance(ask, "delivered", oscar)
    db.session.commit()
    assert "keeps its evidence" in as_oscar.send(f"/staff/asks/files/{file.id}/delete").text
    assert len(lying(app)) == 1
    asks.edit(ask, {"evidence_url": "https://example.org/a"}, oscar, ask.version)
    db.session.commit()
    page = as_oscar.send(f"/staff/asks/files/{file.id}/delete").text
    assert "The file is removed." in page and "Evidence file: letter.pdf → nothing" in page
    assert lying(app) == []


def test_a_file_lies_where_nobody_can_guess_it(app, file):
    [path] = lying(app)
    assert len(path.name) == 48 and "letter" not in path.name
    assert folder(app).stat().st_mode & 0o077 == 0


def test_only_those_who_see_the_ask_open_its_files(app, client_of, file, ask, as_bob, client):
    assert as_bob.get(f"/staff/asks/files/{file.id}").status_code == 200
    as_bob.send(f"/staff/asks/files/{file.id}/delete", status=403)
    assert "/login" in client.get(f"/staff/asks/files/{file.id}").location
    other = factories.make_user("admin")
    other.organization_id = factories.make_organization("North", is_member=True).id
    ask.seen_by = "own"
    db.session.commit()
    browser = client_of(other)
    assert browser.get(f"/staff/asks/files/{file.id}").status_code == 404
    browser.send(f"/staff/asks/files/{file.id}/delete", status=404)
    browser.send(f"/staff/asks/{ask.id}/files", {}, status=404)


def test_a_file_that_is_missing_is_not_found(app, as_oscar, file):
    address = f"/staff/asks/files/{file.id}"
    assert as_oscar.get(address).status_code == 200
    storage.SHELF.remove(file.token)
    assert as_oscar.get(address).status_code == 404


def test_files_go_with_their_ask_and_uploads_that_broke_off_go_too(app, file, ask):
    (folder(app) / "broken.part").touch()
    for path in lying(app):
        before = (clock.now() - timedelta(hours=2)).timestamp()
        os.utime(path, (before, before))
    assert filing.sweep() == 1
    db.session.execute(delete(Ask).where(Ask.id == ask.id))
    db.session.commit()
    assert filing.sweep() == 1
    assert lying(app) == [] and db.session.scalars(select(AskFile.id)).all() == []


def test_what_was_uploaded_a_moment_ago_is_not_swept(app, file):
    (folder(app) / "fresh").touch()
    assert filing.sweep() == 0


def test_backups_keep_the_files(app, file, tmp_path):
    (folder(app) / "half.part").touch()
    assert [path.name for path in kept_files["evidence"]()] == [file.token]
    db.session.commit()
    made = making.create(tmp_path / "backups")
    with zipfile.ZipFile(made.file) as backup:
        assert any(name.endswith(f"evidence/{file.token}") for name in backup.namelist())


def test_an_ask_keeps_so_many_files_and_no_more(as_oscar, ask, file, monkeypatch):
    monkeypatch.setattr(filing, "MOST", 1)
    assert "keeps at most 1 files" in add(as_oscar, ask, GOOD["pdf"], "second.pdf", status=422)
