"""What a form is passed on by: its addresses, QR codes, and the pieces of code for other sites."""

import html
import io

import segno
from flask_babel import force_locale
from flask_babel import gettext as _

from crm.base.locales import REGIONS
from crm.base.public_pages import public_url
from crm.contacts.signup_forms.models import SignUpForm
from crm.contacts.sources import MAX_LENGTH

SIZES = {"a4": "A4", "letter": "Letter"}


def address(form: SignUpForm, language: str = "", stand: str = "") -> str:
    """Return the public address of the form, in that language, for what stands at that place."""
    asked = {"lang": language, "utm_source": stand[:MAX_LENGTH]}
    return public_url(f"/signup/{form.slug}", **{name: value for name, value in asked.items() if value})


def short(form: SignUpForm) -> str:
    """Return the address as people type it."""
    return public_url(f"/signup/{form.slug}").split("://", 1)[1]


def qr_code(text: str) -> bytes:
    """Return a QR code that still works where a quarter of it is covered (ISO/IEC 18004, level Q), as SVG."""
    file = io.BytesIO()
    segno.make(text, error="q", micro=False).save(file, kind="svg", border=4, scale=8, xmldecl=False, light="white")
    return file.getvalue()


def script_tag(form: SignUpForm, language: str) -> str:
    """Return the one tag by which another site shows the form."""
    source = public_url("/embed/signup.js")
    title = html.escape(form.title(language))
    return f'<script src="{source}" data-form="{form.slug}" data-lang="{language}" data-title="{title}" async></script>'


def plain_form(form: SignUpForm, language: str) -> str:
    """Return a form of plain HTML that posts to us; its answer shows the filled form to press once more."""
    action = address(form, language)
    with force_locale(REGIONS.get(language, language)):
        email, first, last = _("E-mail"), _("First name"), _("Last name")
        button = form.text("button", language)[0] or _("Sign up")
    return (
        f'<form method="post" action="{action}">\n'
        f'  <label>{email} <input type="email" name="email" required></label>\n'
        f'  <label>{first} <input name="first_name"></label>\n'
        f'  <label>{last} <input name="last_name"></label>\n'
        f'  <input type="hidden" name="language" value="{language}">\n'
        '  <input type="hidden" name="first_step" value="1">\n'
        f"  <button>{html.escape(button)}</button>\n"
        "</form>"
    )
