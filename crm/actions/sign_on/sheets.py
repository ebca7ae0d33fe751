"""What the PDF of a letter says: as it stands now, or as it was handed over on a day."""

import hashlib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import dates
from flask_babel import force_locale, get_locale
from flask_babel import gettext as _

from crm.actions.models import Action
from crm.actions.sign_on import heads, signing
from crm.actions.sign_on.heads import Head
from crm.actions.sign_on.models import LetterDelivery
from crm.base import locales, rich_tree
from crm.base.locales import Said
from crm.organizations import coalition

MOST_LOGOS = 200  # organizations; of more, names alone
FROM_HERE, TO_HERE = "\u2068", "\u2069"  # Between these a name runs its own way (UAX #9).


@dataclass(frozen=True)
class Signer:
    """An organization under the letter: who signed for it with which title, and whose logo it is by which digest."""

    name: str
    signer: str
    title: str
    logo_digest: str


@dataclass(frozen=True)
class Sheet:
    """A letter to be printed: its head, its texts, to whom it goes (lines), its day, and who signed.

    `language` is that of the body; the others may be in another one.
    """

    head: Head
    language: str
    title: Said
    body: str
    addressee: Said
    day: date
    signers: Sequence[Signer]


def now(action: Action, language: str, *, signed: bool = True) -> Sheet:
    """Return the letter as it stands now, in the language if it is written in it; `signed`: with its signers."""
    body = action.said("bodies", language)
    title = action.said("titles", body.language)
    rows = signing.accepted(action.id) if signed else ()
    signers = [Signer(row.name, row.signer, row.signer_title, row.logo_digest) for row in rows]
    return Sheet(
        heads.today(), body.language, title, body.text, addressee(action, language), coalition.today(), signers
    )


def delivered(delivery: LetterDelivery) -> Sheet:
    """Return the letter as it was handed over."""
    signers = [Signer(row.name, row.signer, row.signer_title, row.logo_digest) for row in delivery.signers]
    language, title = delivery.language, Said(delivery.title, delivery.title_language)
    to = Said(delivery.addressee, delivery.addressee_language or language)
    return Sheet(heads.kept(delivery), language, title, delivery.body, to, delivery.delivered_on, signers)


def addressee(action: Action, language: str) -> Said:
    """Return to whom the letter goes, in the language that its text is in where that is wanted in this one."""
    return action.said("addressees", action.said("bodies", language).language)


def languages(action: Action) -> list[str]:
    """Return the codes of the languages that the letter is written in; English where it has no text yet."""
    return [code for code in locales.LANGUAGES if (action.bodies or {}).get(code)] or ["en"]


def values(sheet: Sheet) -> dict[str, Any]:
    """Return what letter.typ needs; a picture is named by its digest."""
    head = sheet.head
    with force_locale(sheet.language):
        return {
            "language": sheet.language,
            "direction": locales.direction(sheet.language),
            "title": rich_tree.breakable(sheet.title.text),
            "title-language": sheet.title.language,
            "coalition": head.name,
            "address": _lines(head.address),
            "logo": hashlib.sha256(head.logo).hexdigest() if head.logo else None,
            "color": head.color,
            "day": {"year": sheet.day.year, "month": sheet.day.month, "day": sheet.day.day},
            "date": dates.format_date(sheet.day, "long", get_locale()),
            "addressee": _lines(sheet.addressee.text),
            "addressee-language": sheet.addressee.language,
            "blocks": rich_tree.tree(sheet.body),
            "signed-by": _("Signed by"),
            "signers": [_signer(one, logos=len(sheet.signers) <= MOST_LOGOS) for one in sheet.signers],
            "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
        }


def _signer(one: Signer, *, logos: bool) -> dict[str, Any]:
    said = locales.comma(locales.language()).join(_apart(text) for text in (one.signer, one.title) if text)
    return {
        "name": _apart(one.name),
        "lines": [said] if one.signer else [],
        "logo": one.logo_digest if logos and one.logo_digest else None,
    }


def _lines(text: str) -> list[str]:
    return [_apart(line.strip()) for line in text.splitlines() if line.strip()]


def _apart(text: str) -> str:
    """Return a name; one that runs the other way than the letter keeps to itself."""
    other = _runs_to_left(text) != (locales.language() in locales.RIGHT_TO_LEFT)
    name = rich_tree.breakable(text)
    return f"{FROM_HERE}{name}{TO_HERE}" if other else name


def _runs_to_left(text: str) -> bool:
    return any(unicodedata.bidirectional(sign) in ("R", "AL") for sign in text)
