"""Photos of influencers: made small and clean, shown to those who see the influencer, removed."""

import io

import pytest
from PIL import Image, PngImagePlugin
from sqlalchemy import select

from crm.extensions import db
from crm.influencers.photos.models import InfluencerPhoto
from tests import factories

HIDDEN = b"XYZZY"


@pytest.fixture
def ada(app, oscar):
    one = factories.make_influencer("Ada", "Adams", owner_id=oscar.id)
    db.session.commit()
    return one


def drawn(kind, size=(900, 600), mode="RGB", **saved):
    target = io.BytesIO()
    Image.new(mode, size, "red").save(target, kind, **saved)
    return target.getvalue()


def told():
    """Return a JPEG that says where it was taken, with which camera, and which side is up."""
    exif = Image.Exif()
    exif[0x0112] = 6  # A quarter turn clockwise.
    exif[0x010F] = HIDDEN.decode()
    exif.get_ifd(0x8825)[29] = HIDDEN.decode()
    return drawn("JPEG", exif=exif, comment=HIDDEN, icc_profile=HIDDEN)


def chunks():
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", HIDDEN.decode())
    info.add_itxt("XML:com.adobe.xmp", HIDDEN.decode())
    return drawn("PNG", mode="RGBA", pnginfo=info)


GOOD = {
    "a.jpg": told(),
    "a.png": chunks(),
    "a.webp": drawn("WEBP", exif=b"Exif\0\0" + HIDDEN),
    "b.png": drawn("PNG", (5, 5), "P"),
}
BAD = {
    "a.gif": drawn("GIF"),
    "page.jpg": b"<html><script>alert(1)</script>",
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg"></svg>',
    "head.jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "half.png": drawn("PNG")[:-200],
    "half.jpg": drawn("JPEG")[:700],
    "empty.png": b"",
}


def upload(browser, influencer, content, name="a.jpg", status=200):
    data = {"photo": (io.BytesIO(content), name)}
    address = f"/staff/influencers/{influencer.id}/photo/edit"
    return browser.send(address, data, status=status, content_type="multipart/form-data").text


def shown(browser, influencer):
    answer = browser.get(f"/staff/influencers/{influencer.id}/photo")
    assert answer.status_code == 200 and answer.mimetype == "image/jpeg"
    return answer


@pytest.mark.parametrize("name", GOOD)
def test_a_picture_is_made_small_and_keeps_nothing_but_what_one_sees(as_oscar, ada, name):
    assert 'alt="Ada Adams"' in upload(as_oscar, ada, GOOD[name], name)
    content = shown(as_oscar, ada).data
    assert HIDDEN not in content and b"Exif" not in content
    with Image.open(io.BytesIO(content)) as image:
        assert image.format == "JPEG" and max(image.size) <= 480 and image.mode == "RGB"
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
        if name == "a.jpg":
            assert image.size == (320, 480)


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_picture_is_refused(as_oscar, ada, name):
    page = upload(as_oscar, ada, BAD[name], name, status=422)
    assert "cannot be read as a picture. Choose a JPEG, PNG or WebP file." in page or "Choose a picture." in page
    assert db.session.scalars(select(InfluencerPhoto.influencer_id)).all() == []


def test_a_picture_of_too_many_pixels_or_bytes_is_refused(app, as_oscar, ada):
    for kind, size, most in (("JPEG", (10_000, 5_001), 50), ("PNG", (4_000, 4_001), 16), ("WEBP", (4_000, 4_001), 16)):
        picture = drawn(kind, size, "RGB" if kind == "WEBP" else "1")
        assert f"more than {most} million pixels" in upload(as_oscar, ada, picture, status=422)
    assert "cannot be read" in upload(as_oscar, ada, drawn("PNG", (30_000, 6_500), "1"), status=422)
    app.config.update(MAX_UPLOAD_MB=1, MAX_CONTENT_LENGTH=1 << 20)
    assert "larger than 1 MB" in upload(as_oscar, ada, drawn("PNG") + bytes(2 << 20), status=422)


def test_without_a_file_the_form_says_so(as_oscar, ada):
    assert "Choose a picture." in as_oscar.send(f"/staff/influencers/{ada.id}/photo/edit", {}, status=422).text


def test_profile_and_briefing_show_it_and_a_second_takes_its_place(as_oscar, ada):
    upload(as_oscar, ada, drawn("JPEG"))
    first = shown(as_oscar, ada)
    for path in ("", "/briefing", "/photo/edit"):
        assert f'src="/staff/influencers/{ada.id}/photo?v=' in as_oscar.page(f"/staff/influencers/{ada.id}{path}").text
    etag = {"If-None-Match": first.headers["ETag"]}
    assert as_oscar.get(f"/staff/influencers/{ada.id}/photo", headers=etag).status_code == 304
    upload(as_oscar, ada, drawn("PNG", (50, 80)))
    assert shown(as_oscar, ada).headers["ETag"] != first.headers["ETag"]
    assert as_oscar.get(f"/staff/influencers/{ada.id}/photo", headers=etag).status_code == 200
    assert "Photo changed" in as_oscar.page(f"/staff/people/{ada.contact_id}").text


def test_it_is_removed(as_oscar, ada):
    upload(as_oscar, ada, drawn("JPEG"))
    address = f"/staff/influencers/{ada.id}/photo/remove"
    assert "The photo is removed." in as_oscar.send(address).text
    assert "There was no photo." in as_oscar.send(address).text
    assert as_oscar.get(f"/staff/influencers/{ada.id}/photo").status_code == 404


def test_only_those_who_see_the_influencer_see_the_photo(client_of, client, as_bob, nora, sam):
    own = factories.make_influencer("Quill", "Quillson", organization_id=nora.organization_id)
    db.session.commit()
    upload(client_of(nora), own, drawn("JPEG"))
    address = f"/staff/influencers/{own.id}/photo"
    assert client_of(sam).get(address).status_code == 404
    upload(client_of(sam), own, drawn("JPEG"), status=404)
    client_of(sam).send(f"{address}/remove", status=404)
    assert "/login" in client.get(address).location
    answer = shown(as_bob, own)
    assert answer.cache_control.private and answer.cache_control.no_cache
    as_bob.send(f"{address}/remove", status=403)


def test_it_goes_with_the_influencer(as_oscar, ada):
    upload(as_oscar, ada, drawn("JPEG"))
    db.session.execute(ada.__table__.delete().where(ada.__table__.c.id == ada.id))
    db.session.commit()
    assert db.session.scalars(select(InfluencerPhoto.influencer_id)).all() == []
