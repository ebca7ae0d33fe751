"""What one row of a file says of a person."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from crm.base import clock, zones
from crm.base.locales import LANGUAGES
from crm.contacts import addresses
from crm.contacts.custom_fields import kinds
from crm.contacts.custom_fields.asking import PREFIX
from crm.contacts.custom_fields.kinds import Answer
from crm.contacts.custom_fields.models import CustomField
from crm.transfer import dates
from crm.transfer.columns import FIELDS

Asked = Mapping[str, CustomField]
NOTHING: Asked = {}
# Lengths of the columns of `contact`.
LENGTHS = {
    "first_name": 200,
    "last_name": 200,
    "organization_name": 200,
    "phone": 32,
    "city": 200,
    "state": 32,
    "zip_code": 32,
}
MAX_TAGS, MAX_TAG = 100, 200
# Control characters, and those that turn the direction of the text around them.
UNSEEN = dict.fromkeys([*range(32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)], " ")

# Standing: what the other program knew of the subscription. Only OPEN and SUBSCRIBED can be made active.
OPEN, SUBSCRIBED, UNKNOWN, UNSUBSCRIBED, BOUNCED, COMPLAINED = (
    "open",
    "subscribed",
    "unknown",
    "unsubscribed",
    "bounced",
    "complained",
)
GONE = frozenset({UNSUBSCRIBED, BOUNCED, COMPLAINED})
STATUSES = {
    SUBSCRIBED: ("subscribed", "active", "enabled", "confirmed", "optedin", "subscriber"),
    UNSUBSCRIBED: ("unsubscribed", "unsubscribe", "optedout", "optout", "blocklisted", "blacklisted", "removed"),
    BOUNCED: ("bouncing", "bounced", "cleaned", "previousbounce", "hardbounce", "hardbounced", "invalid", "bounce"),
    COMPLAINED: ("spamcomplaint", "previousspamcomplaint", "complaint", "complained", "spam", "abuse"),
    UNKNOWN: (
        "none",
        "unconfirmed",
        "pending",
        "nonsubscribed",
        "transactional",
        "disabled",
        "archived",
        "neversubscribed",
        "notsubscribed",
        "inactive",
        "unknown",
    ),
}
STANDINGS = {word: standing for standing, words in STATUSES.items() for word in words}
FILE_STANDINGS = {"unsubscribed": UNSUBSCRIBED, "cleaned": BOUNCED, "nonsubscribed": UNKNOWN}
YES, NO = frozenset({"true", "yes", "y", "1", "t"}), frozenset({"false", "no", "n", "0", "f"})
LANGUAGE_WORDS = {
    "english": "en",
    "inglés": "en",
    "spanish": "es",
    "español": "es",
    "espanol": "es",
    "arabic": "ar",
    "العربية": "ar",
}


class RowError(ValueError):
    """The row cannot be imported; the message says what to mend."""


@dataclass(frozen=True)
class Row:
    """A person as the file has them; `evidence` is what proves consent, `at` its moment, `left_at` the end of it."""

    number: int
    email: str
    profile: dict[str, str]
    tags: list[str]
    standing: str
    evidence: dict[str, str] = field(default_factory=dict)
    at: datetime | None = None
    left_at: datetime | None = None
    answers: dict[str, Answer] = field(default_factory=dict)


def parse(number: int, cells: Sequence[str], mapping: Sequence[str], holds: str = "", asked: Asked = NOTHING) -> Row:
    """Return the person in a row; `asked` are the questions of the coalition's own by key. Raises RowError."""
    if len(cells) > len(mapping) and any(cells[len(mapping) :]):
        raise RowError(f"The row has {len(cells)} cells, the first row names {len(mapping)} columns")
    values = {name: cell for name, cell in zip(mapping, cells, strict=False) if name}
    standing = _standing(values, holds)
    proof = _moments(values)
    return Row(
        number=number,
        email=_email(values.get("email", "")),
        profile=_profile(values),
        tags=_tags(values.get("tags", "")),
        standing=standing,
        evidence={name: moment.isoformat() for name, moment in proof.items()},
        at=proof.get("confirm_time") or proof.get("optin_time") or _lenient(values.get("subscribed_at", "")),
        left_at=_moment(values, "unsubscribed_at") or _moment(values, "cleaned_at"),
        answers=_answers(values, asked),
    )


def _email(text: str) -> str:
    if not text:
        raise RowError("The row has no e-mail address")
    try:
        return addresses.normalize(text)
    except addresses.BadAddress as error:
        raise RowError(f"“{text[:80]}” is not an e-mail address: {error}") from error


def _standing(values: dict[str, str], holds: str) -> str:
    if holds:
        return FILE_STANDINGS[holds]
    if _yes(values, "email_disabled") or values.get("unsubscribed_at"):
        return UNSUBSCRIBED
    if values.get("cleaned_at"):
        return BOUNCED
    standing = _status(values["status"]) if "status" in values else OPEN
    if "opt_in" in values and not _yes(values, "opt_in") and standing not in GONE:
        return UNKNOWN
    return standing


def _status(text: str) -> str:
    word = "".join(letter for letter in text.lower() if letter.isalnum())
    if not word:
        return UNKNOWN
    if word not in STANDINGS:
        raise RowError(f"The status “{text[:40]}” is not known; write subscribed, unsubscribed or bouncing")
    return STANDINGS[word]


def _yes(values: dict[str, str], name: str) -> bool:
    word = values.get(name, "").lower()
    if word and word not in YES | NO:
        raise RowError(f"{FIELDS[name][0]}: “{word[:40]}” is not understood; write true or false")
    return word in YES


def _moments(values: dict[str, str]) -> dict[str, datetime]:
    """Return when the person opted in and confirmed, as far as the file knows."""
    found = {name: _moment(values, name) for name in ("optin_time", "confirm_time")}
    return {name: moment for name, moment in found.items() if moment}


def _moment(values: dict[str, str], name: str) -> datetime | None:
    if not values.get(name):
        return None
    try:
        moment = dates.parse(values[name])
    except ValueError as error:
        raise RowError(f"{FIELDS[name][0]}: {error}") from error
    if moment > clock.now() + timedelta(days=1):
        raise RowError(f"{FIELDS[name][0]}: “{values[name][:40]}” lies in the future")
    return moment


def _lenient(text: str) -> datetime | None:
    """Return the moment, or None: a date that proves nothing need not stop a row."""
    try:
        moment = dates.parse(text)
    except ValueError:
        return None
    return moment if moment <= clock.now() else None


def _profile(values: dict[str, str]) -> dict[str, str]:
    profile = {name: text for name in LENGTHS if (text := _clean(values.get(name, "")))}
    if full_name := _clean(values.get("full_name", "")):
        first, _, last = full_name.rpartition(" ")
        profile |= {"first_name": first, "last_name": last} if first else {"first_name": last}
    for name, text in profile.items():
        if len(text) > LENGTHS[name]:
            raise RowError(f"{FIELDS[name][0]} is longer than {LENGTHS[name]} characters")
    if len(profile.get("state", "")) == 2:
        profile["state"] = profile["state"].upper()
    language = _language(values.get("language", ""))
    told = {"language": language, "zone": zones.find(values.get("zone", ""))}
    return profile | {name: text for name, text in told.items() if text}


def _answers(values: dict[str, str], asked: Asked) -> dict[str, Answer]:
    """Return the answers to the coalition's own questions, by their keys."""
    found = {}
    for one in asked.values():
        if cell := values.get(PREFIX + one.key, "").strip():
            try:
                found[one.key] = kinds.from_file(one, cell)
            except kinds.BadAnswer as error:
                raise RowError(f"{one.label()}: “{cell[:40]}” is not understood. {error}") from error
    return found


def _language(text: str) -> str:
    word = text.lower().strip()
    code = LANGUAGE_WORDS.get(word) or word.replace("_", "-").split("-")[0]
    return code if code in LANGUAGES else ""


def _tags(text: str) -> list[str]:
    """Return the tags: Mailchimp quotes each ("A","B"), Action Network joins them with a comma."""
    separator = ";" if ";" in text and "," not in text else ","
    parts = next(csv.reader([_clean(text)], delimiter=separator, skipinitialspace=True), [])
    tags = list(dict.fromkeys(tag for part in parts if (tag := _clean(part))))
    if len(tags) > MAX_TAGS or any(len(tag) > MAX_TAG for tag in tags):
        raise RowError(f"A person may have {MAX_TAGS} tags of {MAX_TAG} characters each")
    return tags


def _clean(text: str) -> str:
    return " ".join(text.translate(UNSEEN).split())
