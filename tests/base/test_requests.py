"""No field of a request holds a NUL, which PostgreSQL could not store."""

import io

import pytest

from crm.contacts.models import Contact
from crm.extensions import db
from crm.goals.models import Goal
from tests.base.test_changes import GOAL


def test_a_nul_in_a_form_is_left_out(as_alice):
    as_alice.send("/staff/goals/new", {**GOAL, "title": "Sup\0porters"})
    files = {**GOAL, "title": "More\0", "file": (io.BytesIO(b"a\0b"), "a.bin")}
    as_alice.send("/staff/goals/new", files, content_type="multipart/form-data")
    assert [title for (title,) in db.session.query(Goal.title).order_by(Goal.id)] == ["Supporters", "More"]


@pytest.mark.parametrize(
    "url",
    [
        "/?via=%00&utm_source=a%00b",
        "/signup?via=a%00b&lang=%00",
        "/staff/people/?q=a%00",
        "/staff/organizations/?q=%00",
        "/staff/influencers/?q=%00&state=%00",
        "/staff/mailings/?state=%00",
    ],
)
def test_a_nul_in_an_address_is_left_out(as_alice, url):
    page = as_alice.page(url)
    assert (page.status_code, "\0" in page.text) == (200, False)


def test_a_file_keeps_its_bytes(app):
    with app.test_request_context(
        method="POST", data={"file": (io.BytesIO(b"a\0b"), "a.bin"), "name": "x\0"}
    ) as context:
        assert context.request.files["file"].read() == b"a\0b"
        assert context.request.form.to_dict() == {"name": "x"}


def test_a_sign_up_with_a_nul_is_a_sign_up(client):
    client.post("/signup", data={"email": "amina@mail.example", "first_name": "Ami\0na", "agree": "y"})
    assert all("\0" not in contact.first_name for contact in db.session.query(Contact))
