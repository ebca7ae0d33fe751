"""Pictures of mailings: made small and clean, told to scripts and pages, shown to all, kept while they are used."""

import io
import os
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import func, select

from crm.base import registries
from crm.extensions import db
from crm.mailings.archive.models import MailingAsSent
from crm.mailings.designs.models import MailingDesign
from crm.mailings.models import MailingText
from crm.mailings.pictures import keeping, storage
from crm.mailings.pictures.models import MailingPicture
from tests.influencers.photos.test_photos import HIDDEN, chunks, drawn, told
from tests.mailings.makers import make_mailing

ADDRESS = "/staff/mailings/pictures"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>'
BAD = {
    "drawing.svg": SVG,
    "drawing.png": SVG,
    "page.jpg": b"<html><script>alert(1)</script>",
    "half.png": drawn("PNG")[:-200],
    "empty.png": b"",
}


def sent(browser, content: bytes, name: str = "march.jpg", status: int = 200, **data):
    fields = {"picture": (io.BytesIO(content), name), **data}
    options = {"headers": {"Accept": "application/json"}, "content_type": "multipart/form-data"}
    answer = browser.post(ADDRESS, data=fields, **options)
    assert answer.status_code == status, answer.text
    return answer.json


def opened(browser, url: str) -> Image.Image:
    answer = browser.get(url.removeprefix("http://crm.example"))
    assert answer.status_code == 200
    return Image.open(io.BytesIO(answer.data))


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(MailingPicture)) or 0


def files(app) -> list[Path]:
    return list((Path(app.config["INSTANCE_PATH"]) / storage.SHELF.folder).glob("*"))


@pytest.mark.parametrize(
    ("content", "kind", "size"),
    [
        (told(), "JPEG", (600, 900)),
        (drawn("JPEG", (2400, 1600)), "JPEG", (1200, 800)),
        (chunks(), "PNG", (900, 600)),
        (drawn("PNG", (1600, 400), "P"), "PNG", (1200, 300)),
        (drawn("GIF", (700, 700)), "PNG", (700, 700)),
        (drawn("WEBP", (1300, 130), exif=b"Exif\0\0" + HIDDEN), "PNG", (1200, 120)),
    ],
)
def test_a_picture_is_painted_anew_in_the_width_that_mail_needs(app, as_oscar, client, content, kind, size):
    told_of = sent(as_oscar, content, alt="The march")
    assert (told_of["width"], told_of["height"], told_of["alt"]) == (*size, "The march")
    with opened(client, told_of["url"]) as image:
        assert (image.format, image.size) == (kind, size)
        assert not image.getexif() and "comment" not in image.info
    assert all(HIDDEN not in path.read_bytes() for path in files(app))


def test_there_is_a_smaller_one_for_half_a_column(app, as_oscar, client):
    told_of = sent(as_oscar, drawn("JPEG", (2400, 1600)))
    small = keeping.url(keeping.find(told_of["id"]), small=True)
    with opened(client, small) as image:
        assert image.size == (600, 400)
    tiny = keeping.find(sent(as_oscar, drawn("JPEG", (50, 40)))["id"])
    assert keeping.url(tiny, small=True) == keeping.url(tiny)


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_refused_and_nothing_is_kept(app, as_oscar, name):
    assert "cannot be read as a picture" in sent(as_oscar, BAD[name], name, status=422)["error"]
    assert count() == 0 and files(app) == []


def test_a_file_of_20_mb_is_refused_in_words(app, as_oscar):
    assert "larger than 15 MB" in sent(as_oscar, drawn("JPEG") + b"\0" * (20 << 20), status=422)["error"]
    assert count() == 0


def test_a_small_file_of_huge_size_is_refused_before_it_is_read(app, as_oscar):
    assert "million pixels" in sent(as_oscar, drawn("PNG", (6000, 6000), "1"), status=422)["error"]
    assert count() == 0


def test_without_scripts_the_page_of_the_picture_answers(app, as_oscar, client):
    data = {"picture": (io.BytesIO(told()), "C:\\fotos\\<b>march.jpg"), "alt": "People in a square"}
    page = as_oscar.send(ADDRESS, data, content_type="multipart/form-data")
    assert "&lt;b&gt;march" in page.text and "No mailing shows it." in page.text
    assert "&lt;b&gt;march" in as_oscar.page(f"{ADDRESS}/?q=square").text
    assert "No picture is called so" in as_oscar.page(f"{ADDRESS}/?q=circle").text
    assert "No picture is called so" in as_oscar.page(f"{ADDRESS}/?q={'circle+' * 1500}").text
    page = as_oscar.send(ADDRESS, {"alt": "Typed before"}, status=422)
    assert "Choose a picture." in page.text and "Typed before" in page.text


def test_a_picture_is_described(app, as_oscar, as_bob):
    one = sent(as_oscar, told())["id"]
    assert 'value="The square"' in as_oscar.send(f"{ADDRESS}/{one}", {"name": "Square", "alt": "The square"}).text
    assert "Give it a name." in as_oscar.send(f"{ADDRESS}/{one}", {"name": " "}, status=422).text
    assert "The square" in as_bob.page(f"{ADDRESS}/{one}").text
    assert as_bob.post(f"{ADDRESS}/{one}", data={"name": "Mine"}).status_code == 403


def test_its_address_is_cached_for_long_and_shown_by_mail_programs(app, as_oscar, client):
    answer = client.get(sent(as_oscar, told())["url"].removeprefix("http://crm.example"))
    assert "max-age=31536000" in answer.headers["Cache-Control"] and "public" in answer.headers["Cache-Control"]
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("name", ["..%2fsecret_key", "0" * 32 + ".jpg", "x.jpg", "%00.png"])
def test_other_addresses_are_not_found(app, client, name):
    assert client.get(f"/pictures/{name}").status_code == 404


@pytest.mark.parametrize("place", ["blocks", "text", "markdown", "logo", "as sent"])
def test_what_is_used_cannot_be_deleted(app, as_oscar, place):
    one = sent(as_oscar, told())
    block = {"id": "aaaaaaaa", "kind": "columns", "columns": [[{"kind": "image", "picture": one["id"]}], []]}
    values = {"blocks": {"blocks": [block]}, "markdown": {"body": f"![]({one['url']})"}}
    mailing = make_mailing(subject="With a picture", **values.get(place, {}))
    if place == "text":
        mailing.texts.append(MailingText(language="es", markup="blocks", blocks=[block]))
    if place == "as sent":
        db.session.add(MailingAsSent(mailing_id=mailing.id, language="en", variant="", html=one["url"], text=""))
    if place == "logo":
        logo = keeping.find(one["id"])
        db.session.add(MailingDesign(name="Red", colors={}, font="sans", header={}, footer={}, logo=logo))
    db.session.commit()
    words = "logo of the design “Red”" if place == "logo" else "1 mailing shows it"
    page = as_oscar.send(f"{ADDRESS}/{one['id']}/delete")
    assert words in page.text and ("With a picture" in page.text) == (place != "logo")
    assert count() == 1 and len(files(app)) == 1


def test_what_nothing_shows_is_deleted_with_its_files(app, as_oscar):
    one = sent(as_oscar, drawn("JPEG", (2400, 1600)))
    assert len(files(app)) == 2
    assert "The picture is deleted." in as_oscar.send(f"{ADDRESS}/{one['id']}/delete").text
    assert count() == 0 and files(app) == []


def test_pictures_are_kept_by_backups_and_strays_are_swept(app, as_oscar):
    sent(as_oscar, told())
    assert [path.name for path in registries.kept_files[storage.SHELF.folder]()] == [path.name for path in files(app)]
    stray = files(app)[0].with_name("f" * 32 + ".jpg")
    stray.write_bytes(b"x")
    assert keeping.sweep() == 0
    os.utime(stray, (0, 0))
    assert keeping.sweep() == 1 and len(files(app)) == 1
