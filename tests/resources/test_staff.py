"""The library as the staff keep it: written, published, withdrawn; nothing typed is lost."""

from pathlib import Path

import pytest
from sqlalchemy import select

from crm.extensions import db
from crm.resources.models import Resource
from tests.resources.makers import make_resource

TYPED = {
    "kind": "brief",
    "title_en": "Fair licenses",
    "gate": "free",
    "body_en": "Five steps.",
    "audiences": ["policy"],
}


def test_a_resource_is_written_published_and_withdrawn(as_oscar, as_bob, client):
    assert "The library is empty" in as_oscar.page("/staff/library/").text
    as_oscar.page("/staff/library/new")
    as_oscar.send("/staff/library/new", TYPED)
    one = db.session.scalars(select(Resource)).one()
    assert (one.slug, one.state) == ("fair-licenses", "draft")
    client.page("/resources/fair-licenses", status=404)
    assert "Only the staff sees this page" in as_bob.page("/resources/fair-licenses").text
    assert "Give the date" in as_oscar.send(f"/staff/library/{one.id}/publish").text
    as_oscar.send(f"/staff/library/{one.id}/edit", {**TYPED, "published_on": "2026-03-09", "version": one.version})
    as_oscar.send(f"/staff/library/{one.id}/publish")
    assert "Five steps." in client.page("/resources/fair-licenses").text
    assert "Delete the draft" not in as_oscar.page(f"/staff/library/{one.id}").text
    as_oscar.send(f"/staff/library/{one.id}/withdraw")
    assert "What stood here was withdrawn." in client.page("/resources/fair-licenses", status=410).text
    as_bob.send("/staff/library/new", TYPED, status=403)


def test_who_saves_what_somebody_else_changed_meanwhile_is_told_and_loses_nothing(as_oscar, as_alice):
    one = make_resource(published=False)
    url, version = f"/staff/library/{one.id}/edit", one.version
    as_alice.send(url, {**TYPED, "title_en": "Hers", "version": version})
    page = as_oscar.send(url, {**TYPED, "title_en": "His", "version": version}, status=409).text
    assert "Somebody changed this resource" in page and 'value="His"' in page
    assert db.session.get(Resource, one.id).name == "Hers"


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"title_en": ""}, "Give the title in one language at least."),
        ({"url": "javascript:alert(1)"}, "Give the whole address"),
        ({"slug": "Not An Address"}, "Use letters a to z"),
        ({"slug": "files"}, "Another resource has that address"),
        ({"published_on": "soon"}, "Give the date as year, month and day"),
        ({"kind": "poem"}, "Not a valid choice"),
    ],
)
def test_what_cannot_be_saved_is_shown_again_as_typed(as_oscar, values, message):
    page = as_oscar.send("/staff/library/new", {**TYPED, **values}, status=422).text
    assert message in page and "Five steps." in page
    assert db.session.scalar(select(Resource)) is None


def test_titles_of_emoji_and_of_arabic_letters_alone_get_a_page(as_oscar, client):
    for title in ("🎓🎓", "مهارات معطلة"):
        values = {"kind": "guide", "title_ar": title, "gate": "free", "body_ar": "نص", "published_on": "2026-03-09"}
        as_oscar.send("/staff/library/new", values)
        one = db.session.scalars(select(Resource).order_by(Resource.id.desc())).first()
        as_oscar.send(f"/staff/library/{one.id}/publish")
        page = client.page(f"/resources/{one.slug}").text
        assert f'lang="ar" dir="rtl"><bdi>{title}' in page


def test_a_draft_is_deleted_with_its_files(app, as_oscar):
    one = make_resource(published=False)
    as_oscar.send(f"/staff/library/{one.id}/delete")
    assert db.session.scalar(select(Resource)) is None
    assert list((Path(app.config["INSTANCE_PATH"]) / "resources").iterdir()) == []
