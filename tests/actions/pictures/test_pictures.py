"""Pictures of actions: on the page, where it is shared, offered by a share kit; bare of what a camera wrote."""

import io
import re

import pytest
from PIL import Image

from crm.actions.pictures import keeping
from crm.base.registries import kept_files
from crm.extensions import db
from tests.actions.makers import PAGE, make_petition

pytestmark = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def photo(kind: str = "JPEG", size: tuple[int, int] = (1600, 840)) -> bytes:
    target = io.BytesIO()
    exif = Image.Exif()
    exif[0x010E] = "Taken at 12 Harbor Street"
    Image.new("RGB", size, "teal").save(target, kind, exif=exif)
    return target.getvalue()


def upload(browser, action, content: bytes, status: int = 200, **said: str) -> str:
    data = {"picture": (io.BytesIO(content), "ward at night.JPEG"), "alt_en": "A ward", **said}
    url = f"/staff/actions/{action.id}/pictures/"
    return browser.send(url, data, status=status, content_type="multipart/form-data").text


def images(page: str) -> list[str]:
    return re.findall(r'<img src="(/actions/pictures/[^"]+)"', page)


def test_the_first_picture_stands_on_the_page_and_where_it_is_shared(client, as_oscar):
    action = make_petition(titles={"en": "Let nurses work", "es": "Que trabajen"})
    upload(as_oscar, action, photo(), alt_es="Una sala")
    upload(as_oscar, action, photo("PNG"), alt_en="A second")
    page = client.page(PAGE).text
    [address] = images(page)
    assert f'<meta property="og:image" content="http://crm.example{address}">' in page and 'alt="A ward"' in page
    assert 'content="summary_large_image"' in page and 'alt="Una sala"' in client.page(f"{PAGE}?lang=es").text
    answer = client.get(address)
    assert answer.cache_control.immutable and b"Harbor Street" not in answer.data
    assert Image.open(io.BytesIO(answer.data)).size == (1200, 630)
    assert Image.open(io.BytesIO(client.get(address.replace(".jpg", "-small.jpg")).data)).size == (600, 315)


def test_a_share_kit_offers_all_of_its_pictures_to_take(client, as_oscar):
    action = make_petition(kind="share_kit")
    upload(as_oscar, action, photo())
    upload(as_oscar, action, photo("PNG"))
    page = client.page(PAGE).text
    assert len(images(page)) == 2 and page.count('download="ward at night.jpg"') == 2


def test_what_is_no_picture_is_refused_and_a_description_is_asked_for(as_oscar, as_bob):
    action = make_petition()
    assert "cannot be read as a picture" in upload(as_oscar, action, b"%PDF-1.7", status=422)
    assert "Say what the picture shows." in upload(as_oscar, action, photo(), status=422, alt_en="")
    assert as_bob.post(f"/staff/actions/{action.id}/pictures/").status_code == 403
    assert keeping.of(action.id) == []


def test_a_picture_that_is_removed_is_gone_and_backups_hold_those_that_stay(client, as_oscar):
    action = make_petition()
    upload(as_oscar, action, photo())
    [row] = keeping.of(action.id)
    assert {path.name for path in dict(kept_files.items())["action_pictures"]()} == {row.file, row.small_file}
    address = f"/staff/actions/{action.id}/pictures/{row.id}"
    assert "Saved." in as_oscar.send(address, {"alt_en": "Nurses at night"}).text
    assert "Nurses at night" in client.page(PAGE).text
    file = f"/actions/pictures/{row.file}"
    assert "The picture is removed." in as_oscar.send(f"{address}/remove").text
    db.session.expire_all()
    assert client.get(file).status_code == 404 and images(client.page(PAGE).text) == []
    assert keeping.SHELF.files() == []
