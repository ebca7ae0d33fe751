"""Which text of a mailing the pages preview, and as whom: chosen in the address of the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from crm.base.locales import LANGUAGES
from crm.contacts.models import Contact
from crm.mailings import texts
from crm.mailings.archive import as_sent, pages
from crm.mailings.comparing import pairing
from crm.mailings.models import Mailing
from crm.mailings.staff import contact_at


@dataclass(frozen=True)
class Previewed:
    """Which of two versions is shown in which language, whether as it was sent, and what has become since of it."""

    version: str
    mailing: Mailing
    language: str
    kept: bool
    since: Sequence[Markup]


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


def _version(mailing: Mailing, number: int, language: str) -> Previewed:
    """Return what is shown of one of two versions; its main text where it has none in that language."""
    said = next((one for one in texts.all_of(mailing) if one.language == language), mailing)
    return Previewed("AB"[number], mailing, said.language, as_sent.is_kept(said), pages.since(said))
