"""Making and changing sign-up forms, and how many people signed up by each."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import Select, func, select
from sqlalchemy.orm import joinedload

from crm.base import changes, slugs
from crm.base.changes import Refused
from crm.contacts import wordings
from crm.contacts.models import SignUp
from crm.contacts.signup_forms.models import SignUpForm
from crm.extensions import db

THING, DEED = "sign_up_form", "sign_up_form"
PURPOSE = "form:"
TEXTS = ("heading", "intro", "button", "thanks", "welcome_subject", "welcome_text")
RESERVED = frozenset({"sent", "new"})
MOST_ORIGINS = 50
# As the common words, but true beside the boxes for members.
PROPOSALS = {
    "en": (
        "I agree that {name} may send me e-mail on the topics I choose. I can change my mind at any time by the link "
        "in every e-mail. Staff of {name} and of its member organizations see my address; it is passed on only to "
        "organizations that I tick one by one."
    ),
    "es": (
        "Acepto que {name} me envíe correos electrónicos sobre los temas que elija. Puedo cambiar de opinión en "
        "cualquier momento con el enlace de cada correo. El personal de {name} y de sus organizaciones miembros ve mi "
        "dirección; solo se comparte con las organizaciones que yo marque una por una."
    ),
    "ar": (
        "أوافق على تلقي رسائل بريد إلكتروني من {name} حول المواضيع التي أختارها. يمكنني تغيير رأيي في أي وقت من خلال "
        "الرابط الموجود في كل رسالة. يرى عنواني موظفو {name} وموظفو المنظمات الأعضاء فيها، ولا يُعطى إلا للمنظمات التي "
        "أختارها واحدة واحدة."
    ),
}
HOST = re.compile(r"[a-z0-9.-]+")


def everything() -> list[SignUpForm]:
    """Return all forms, the open ones first, by name."""
    query = select(SignUpForm).options(joinedload(SignUpForm.counts_for))
    return list(db.session.scalars(query.order_by(SignUpForm.is_open.desc(), SignUpForm.name)))


def with_slug(slug: str) -> SignUpForm | None:
    """Return the form of that slug."""
    return db.session.scalar(select(SignUpForm).where(SignUpForm.slug == slug))


def counts() -> dict[int, dict[str, int]]:
    """Return by form how many people confirmed, and how many have yet to."""
    query = select(SignUp.about_id, SignUp.state, func.count(SignUp.contact_id.distinct()))
    rows = db.session.execute(query.where(SignUp.deed_kind == DEED).group_by(SignUp.about_id, SignUp.state))
    found: dict[int, dict[str, int]] = {}
    for about_id, state, number in rows:
        found.setdefault(about_id or 0, {})[state] = number
    return found


def people(form_id: int, state: str = "confirmed") -> Select[int]:
    """Return the query of the ids of the people who signed up by the form."""
    mine = (SignUp.deed_kind == DEED, SignUp.about_id == form_id, SignUp.state == state)
    return select(SignUp.contact_id).where(*mine)


def save(form: SignUpForm, values: Mapping[str, Any], opened_on: int = 0) -> SignUpForm:
    """Set the values on a new form or one that there is, and return it; raises Refused, Collision."""
    values = {**values, "origins": [origin(text) for text in values["origins"]]}
    if len(values["origins"]) > MOST_ORIGINS:
        raise Refused(f"At most {MOST_ORIGINS} sites may show one form.", "origins")
    same = select(SignUpForm.id).where(func.lower(SignUpForm.name) == values["name"].lower())
    with db.session.no_autoflush:
        if db.session.scalar(same if form.id is None else same.where(SignUpForm.id != form.id)):
            raise Refused("There is a form of that name already. Choose another name.", "name")
    if form.id is None:
        wish = slugs.of(values["name"], 40) or "form"
        form.slug = slugs.free(wish, slugs.taken(wish, SignUpForm.slug) | RESERVED)
    else:
        changes.claim(form, THING, opened_on)
    changes.keep(form, THING, values)
    return form


def origin(text: str) -> str:
    """Return a site as browsers name it: scheme, host and port. Raises Refused."""
    refused = Refused(f"“{text[:80]}” is no site. Write it like https://www.member.example, one a line.", "origins")
    try:
        parts = urlsplit(text.strip().lower())
        port = f":{parts.port}" if parts.port else ""
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError) as error:
        raise refused from error
    named = HOST.fullmatch(host) and ("." in host or host == "localhost")
    if parts.scheme not in ("https", "http") or not named:
        raise refused
    return f"{parts.scheme}://{host}{port}"


def purpose_of(form_id: int) -> str:
    """Return the purpose of the form's own words of consent; where none are reviewed, it shows those of all."""
    return f"{PURPOSE}{form_id}"


def of_purpose(purpose: str) -> wordings.Purpose | None:
    """Return what staff review under that purpose, where it is that of a form."""
    number = purpose.removeprefix(PURPOSE)
    known = purpose.startswith(PURPOSE) and number.isdecimal() and len(number) < 10
    form = db.session.get(SignUpForm, int(number)) if known else None
    return wordings.Purpose(f"To get e-mail, in the form {form.name}", PROPOSALS) if form else None
