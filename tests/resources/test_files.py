"""Files of resources: read in the background by a process that hostile files cannot harm; replaced; refused."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import select

from crm.base.registries import kept_files
from crm.extensions import db
from crm.resources import extracting, filing
from crm.resources.models import Resource, ResourceFile
from tests.resources.makers import PDF, make_resource, read_all, upload

LOCKED = PDF.replace(
    b"/Root 1 0 R",
    b"/Root 1 0 R /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>"
    % (b"1" * 64, b"2" * 64),
)


def folder(app):
    return Path(app.config["INSTANCE_PATH"]) / "resources"


def file():
    return db.session.scalars(select(ResourceFile).order_by(ResourceFile.id.desc())).first()


def test_a_pdf_is_read_and_its_first_page_becomes_the_cover(app, as_oscar, client):
    one = make_resource(pdf=None, published=False, body_en="Read it.")
    assert "It is being read" in upload(as_oscar, one.id, PDF, "Ideas of Zoë.pdf")
    read_all()
    page = as_oscar.page(f"/staff/library/{one.id}").text
    assert "PDF, 1 page. Its words are searched." in page and "Made of the first page" in page
    cover = db.session.get(Resource, one.id).cover
    answer = client.get(f"/resources/covers/{cover}.jpg")
    assert Image.open(io.BytesIO(answer.data)).width > 500 and answer.cache_control.immutable
    assert "Pharmacists wait" in db.session.scalar(select(ResourceFile.text))
    assert {path.name for path in dict(kept_files.items())["resources"]()} == {
        path.name for path in folder(app).iterdir()
    }


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"%PDF-1.7\nno more than that", "It is damaged, or no PDF."),
        (LOCKED, "It is locked by a password"),
    ],
)
def test_a_pdf_that_cannot_be_read_stays_and_says_why(as_oscar, content, problem):
    one = make_resource(pdf=content)
    read_all()
    assert problem in as_oscar.page(f"/staff/library/{one.id}").text
    assert file().state == "failed" and not db.session.get(Resource, one.id).cover


@pytest.mark.parametrize("does", ["import time; time.sleep(60)", "raise SystemExit(9)", "print('[' * 99)"])
def test_a_reader_that_hangs_dies_or_babbles_is_given_up_and_the_file_stays(as_oscar, monkeypatch, tmp_path, does):
    one = make_resource()
    reader = tmp_path / "reader.py"
    reader.write_text(does)
    monkeypatch.setattr(extracting, "READER", reader)
    monkeypatch.setattr(extracting, "SECONDS", 2)
    read_all()
    assert "took too much time or memory" in as_oscar.page(f"/staff/library/{one.id}").text


@pytest.mark.parametrize("name", ["paper.pdf", "run.exe"])
def test_what_is_no_document_is_refused_whatever_its_name_says(app, as_oscar, name):
    one = make_resource(pdf=None, body_en="Read it.")
    assert "Choose one of these: PDF, Word" in upload(as_oscar, one.id, b"MZ\x90\0 hello", name, status=422)
    assert file() is None and list(folder(app).iterdir()) == []


def test_a_file_that_is_much_too_large_is_refused_before_it_is_written(app, as_oscar):
    app.config.update(MAX_UPLOAD_MB=1, MAX_CONTENT_LENGTH=1 << 20)
    one = make_resource(pdf=None, body_en="Read it.")
    assert "larger than 1 MB" in upload(as_oscar, one.id, PDF + b"\0" * (6 << 20), status=413)
    assert "larger than 1 MB" in upload(as_oscar, one.id, PDF + b"\0" * (3 << 19), status=422)
    assert file() is None and list(folder(app).iterdir()) == []


def test_a_new_file_takes_the_place_of_the_old_one_and_old_links_give_it(app, as_oscar, client):
    one = make_resource(body_en="Read it.")
    old = file().token
    assert client.get(f"/resources/files/{old}").data == PDF
    upload(as_oscar, one.id, PDF + b"% second edition\n", "second.pdf")
    answer = client.get(f"/resources/files/{old}", follow_redirects=True)
    assert answer.data.endswith(b"second edition\n") and "second.pdf" in answer.headers["Content-Disposition"]
    assert old not in {path.name for path in folder(app).iterdir()}
    as_oscar.send(f"/staff/library/files/{file().id}/remove")
    client.page(f"/resources/files/{old}", status=404)


def test_the_last_that_a_published_resource_gives_is_not_removed(as_oscar, client):
    one = make_resource(gate="address", body_en="Read it.")
    remove = f"/staff/library/files/{file().id}/remove"
    assert "This is all that the published resource gives." in as_oscar.send(remove).text
    as_oscar.send(f"/staff/library/{one.id}/withdraw")
    assert "The file is removed." in as_oscar.send(remove).text


def test_what_no_resource_names_is_swept_after_an_hour_and_nothing_else(app):
    make_resource()
    stray = folder(app) / ("0" * 48)
    stray.write_bytes(b"x")
    assert filing.sweep() == 0
    os.utime(stray, (0, 0))
    for path in folder(app).iterdir():
        os.utime(path, (0, 0))
    assert filing.sweep() == 1 and not stray.exists() and (folder(app) / file().token).exists()
