"""Which text of a mailing the pages preview, and as whom: chosen in the address of the page."""

from collections.abc import Mapping, Sequence
from typing import Any

from crm.base.locales import LANGUAGES
from crm.contacts.models import Contact
from crm.mailings import texts
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing
from crm.mailings.staff import contact_at


def values(mailing: Mailing, wanted: Mapping[str, str], people: Sequence[Contact] = ()) -> dict[str, Any]:
    """Return the values of the template; without a choice the first of these people sees it, in their own language."""
    typed = wanted.get("as_contact", "").strip()
    address = typed or (people[0].email or "" if people else "")
    contact = contact_at(address)
    languages = [said.language for said in texts.all_of(mailing)]
    shown = wanted.get("text") if wanted.get("text") in languages else texts.read_by(mailing, contact).language
    comparison = pairing.of(mailing)
    versions = [mailing, *([comparison.other] if comparison else [])]
    return {
        "preview_as": address,
        "preview_of_nobody": bool(typed) and contact is None,
        "preview_text": shown,
        "preview_texts": {code: LANGUAGES[code] for code in languages},
        "previewed": [_version(one, number, str(shown)) for number, one in enumerate(versions)],
        "preview_people": people,
    }


def _version(mailing: Mailing, number: int, language: str) -> tuple[str, Mailing, str]:
    """Return which of two versions it is, and which text of it is shown; the main one where that language is none."""
    known = [said.language for said in texts.all_of(mailing)]
    return "AB"[number], mailing, language if language in known else mailing.language
