"""A sign-up form as a block of mailings and pages: its heading and introduction, and the button that leads to it."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from markupsafe import escape

from crm.base.block_kinds import BlockField, BlockKind
from crm.base.forms import row_number
from crm.base.public_pages import public_url
from crm.base.words import one_line
from crm.contacts.signup_forms import keeping
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db


def kind() -> BlockKind:
    """Return the kind of block that leads to a sign-up form."""
    return BlockKind("Sign-up form", [BlockField("form", "Which", "choice", choices)], 87, say)


def choices() -> list[tuple[str, str]]:
    """Return the forms that are open."""
    return [(str(form.id), form.name) for form in keeping.everything() if form.is_open]


def say(values: Mapping[str, Any], language: str) -> list[dict[str, Any]]:
    """Return heading, introduction and button of the form; nothing where it is closed or gone."""
    form = db.session.get(SignUpForm, row_number(str(values.get("form", ""))))
    if form is None or not form.is_open:
        return []
    told = [{"kind": "heading", "text": one_line(form.title(language)), "level": "2"}]
    if intro := one_line(form.text("intro", language)[0]):
        told.append({"kind": "text", "html": f"<p>{escape(intro)}</p>"})
    button = form.text("button", language)[0] or gettext("Sign up")
    return [*told, {"kind": "button", "text": one_line(button), "url": public_url(f"/signup/{form.slug}")}]
