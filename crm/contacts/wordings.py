"""The exact words that people agree to: never changed, only followed by others, and live only once reviewed."""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select, update

from crm.base import clock
from crm.base.registries import Registry
from crm.contacts.models import ConsentWording
from crm.extensions import db

SIGN_UP, CLICKS = "sign_up", "clicks"
FALLBACK = "en"
# The English text waits for the admin who sets the coalition up; the others wait for a named reviewer.
PROPOSALS = {
    "en": (
        "I agree that {name} may send me e-mail on the topics I choose. I can change my mind at any time by the "
        "link in every e-mail. Staff of {name} and of its member organizations see my address; nobody else gets it "
        "unless I agree."
    ),
    "es": (
        "Acepto que {name} me envíe correos electrónicos sobre los temas que elija. Puedo cambiar de opinión en "
        "cualquier momento con el enlace de cada correo. El personal de {name} y de sus organizaciones miembros ve mi "
        "dirección; nadie más la recibe sin mi consentimiento."
    ),
    "ar": (
        "أوافق على تلقي رسائل بريد إلكتروني من {name} حول المواضيع التي أختارها. يمكنني تغيير رأيي في أي وقت "
        "من خلال الرابط الموجود في كل رسالة. يرى عنواني موظفو {name} وموظفو المنظمات الأعضاء فيها، ولا يُعطى لأي جهة "
        "أخرى دون موافقتي."
    ),
}

CLICK_PROPOSALS = {
    "en": (
        "{name} may see which links in its e-mail I follow, together with my name. I can take this back here at any "
        "time; what was kept of it is then deleted."
    ),
    "es": (
        "{name} puede ver qué enlaces de sus correos abro, junto con mi nombre. Puedo retirar este permiso aquí en "
        "cualquier momento; lo que se haya guardado se borra entonces."
    ),
    "ar": (
        "يجوز لـ {name} أن ترى الروابط التي أفتحها في رسائلها مقرونةً باسمي. يمكنني التراجع عن ذلك هنا في أي وقت، "
        "وعندها يُحذف ما حُفظ منها."
    ),
}


@dataclass(frozen=True)
class Purpose:
    """What people agree to, in a word for staff, and what is proposed in each language, with {name} in it."""

    label: str
    proposals: Mapping[str, str]


PURPOSES = {
    SIGN_UP: Purpose("To get e-mail", PROPOSALS),
    CLICKS: Purpose("To be seen clicking", CLICK_PROPOSALS),
}
families: Registry[Callable[[str], Purpose | None]] = Registry()
"""Purposes that name a row, such as one for each member: functions from a purpose to what it is, None: not theirs."""


class NotReviewed(Exception):
    """A draft cannot go live."""


def purpose_of(name: str) -> Purpose | None:
    """Return what stands behind the name of a purpose; None where there is no such purpose."""
    return PURPOSES.get(name) or next((found for family in families if (found := family(name))), None)


def current(language: str, purpose: str = SIGN_UP) -> ConsentWording | None:
    """Return the live wording in that language, or else the English one; None where none is live."""
    return of_each(language, [purpose]).get(purpose)


def of_each(language: str, purposes: Collection[str]) -> dict[str, ConsentWording]:
    """Return by purpose the live wording in that language, or else the English one; with one query."""
    query = select(ConsentWording).where(*_live(purposes), ConsentWording.language.in_([language, FALLBACK]))
    found = db.session.scalars(query.order_by(ConsentWording.language == language, ConsentWording.id))
    return {wording.purpose: wording for wording in found}


def is_live(language: str, purpose: str = SIGN_UP) -> ColumnElement[bool]:
    """Return the condition that there is a live wording in that language itself."""
    return select(ConsentWording.id).where(*_live([purpose]), ConsentWording.language == language).exists()


def draft(language: str, text: str, purpose: str = SIGN_UP) -> ConsentWording:
    """Return the wording of exactly this text, kept as a draft where it is new."""
    digest = hashlib.sha256("\x1f".join((purpose, language, text)).encode()).hexdigest()
    known = db.session.scalar(select(ConsentWording).where(ConsentWording.digest == digest))
    if known is not None:
        return known
    wording = ConsentWording(purpose=purpose, language=language, text=text, digest=digest, live=False)
    db.session.add(wording)
    db.session.flush()
    return wording


def review(wording: ConsentWording, by: str) -> None:
    """Write down who has read the wording and stands for it."""
    wording.reviewed_by, wording.reviewed_at = by, clock.now()


def go_live(wording: ConsentWording) -> None:
    """Show this wording from now on, instead of the one before in its language; raises NotReviewed."""
    if wording.reviewed_at is None:
        raise NotReviewed(f"somebody must review the wording in {wording.language!r} first")
    db.session.execute(
        update(ConsentWording)
        .where(ConsentWording.purpose == wording.purpose, ConsentWording.language == wording.language)
        .values(live=False)
    )
    wording.live = True
    db.session.flush()


def proposal(language: str, coalition_name: str, purpose: str = SIGN_UP) -> str:
    """Return the wording that we propose in a language."""
    found = purpose_of(purpose)
    return found.proposals[language].replace("{name}", coalition_name) if found else ""


def adopt(coalition_name: str, reviewed_by: str, text: str | None = None) -> ConsentWording:
    """Make the English wording live, in the name of the admin who read it; keep the translations as drafts."""
    english = draft(FALLBACK, text or proposal(FALLBACK, coalition_name))
    review(english, reviewed_by)
    db.session.flush()
    go_live(english)
    for language in PROPOSALS.keys() - {FALLBACK}:
        draft(language, proposal(language, coalition_name))
    return english


def _live(purposes: Collection[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        ConsentWording.purpose.in_(purposes),
        ConsentWording.live.is_(True),
        ConsentWording.reviewed_at.is_not(None),
    )
