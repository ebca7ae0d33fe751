"""Which column of a file means what, and which program wrote the file.

The headers are those of the programs' own exports; docs/import.md lists them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crm.contacts.custom_fields import questions
from crm.contacts.custom_fields.asking import PREFIX
from crm.transfer.tabular import Refused

# Our field -> its label, and the headers that mean it (compared in lower case, letters and digits only).
Known = dict[str, tuple[str, tuple[str, ...]]]
FIELDS: Known = {
    "email": ("E-mail address", ("email", "emailaddress", "email1value", "primaryemail", "subscriberemail")),
    "first_name": ("First name", ("firstname", "givenname", "fname", "first")),
    "last_name": ("Last name", ("lastname", "familyname", "surname", "lname", "last")),
    "full_name": ("Full name", ("name", "fullname")),
    "organization_name": (
        "Organization",
        ("organization", "organisation", "organizationname", "company", "companyname", "associatedcompany", "employer"),
    ),
    "phone": ("Phone", ("phone", "phonenumber", "can2phone", "mobilenumber", "phone1value")),
    "city": ("City", ("city", "can2usercity", "primarycity", "address1city")),
    "state": (
        "State",
        ("state", "can2stateabbreviated", "can2userstate", "stateregion", "primarystate", "stateorprovince"),
    ),
    "zip_code": (
        "ZIP code",
        ("zipcode", "zip", "postalcode", "postcode", "ziporpostalcode", "primaryzip", "address1postalcode"),
    ),
    "language": ("Language", ("language", "preferredlanguage", "languagespoken", "lang")),
    "zone": ("Time zone", ("timezone", "tz", "timezonename")),
    "tags": ("Tags", ("tags", "can2usertags", "taglist", "labels")),
    "status": (
        "Subscription status",
        ("can2subscriptionstatus", "subscriptionstatus", "status", "emailstatus", "memberstatus"),
    ),
    "opt_in": ("Opted in (yes or no)", ("emailoptin", "optin", "optedin")),
    "email_disabled": ("E-mail disabled (yes or no)", ("emaildisabled", "emailoptout", "optedout", "donotemail")),
    "subscribed_at": ("Subscribed on", ("can2subscriptiondate", "subscriptiondate", "subscribedat")),
    "optin_time": ("Opt-in time", ("optintime",)),
    "confirm_time": ("Confirmation time", ("confirmtime",)),
    "unsubscribed_at": ("Unsubscribed on", ("unsubtime", "unsubscribedat", "unsubscribeddate")),
    "cleaned_at": ("Cleaned on", ("cleantime",)),
}
MEANINGS = {header: name for name, (_, headers) in FIELDS.items() for header in headers}
# Some programs write one field into several columns; of these the first in the list above is taken.
MAY_DOUBLE = frozenset(
    {"state", "organization_name", "phone", "tags", "city", "zip_code", "language", "zone", "status"}
)
ERROR_COLUMN = "import_error"


@dataclass(frozen=True)
class Program:
    """A program whose export we know by its headers, and what its file is if a header or the file's name says so."""

    name: str
    label: str
    headers: frozenset[str]


PROGRAMS = [
    Program("action_network", "Action Network", frozenset({"can2subscriptionstatus"})),
    Program("action_network", "Action Network", frozenset({"can2usertags"})),
    Program("action_network", "Action Network", frozenset({"can2subscriptiondate"})),
    Program("mailchimp", "Mailchimp", frozenset({"leid", "euid"})),
    Program("mailchimp", "Mailchimp", frozenset({"emailaddress", "optintime", "confirmtime"})),
    Program("nationbuilder", "NationBuilder", frozenset({"nationbuilderid"})),
    Program("hubspot", "HubSpot", frozenset({"recordid", "lifecyclestage"})),
    Program("substack", "Substack", frozenset({"activesubscription", "emaildisabled"})),
    Program("listmonk", "listmonk", frozenset({"uuid", "email", "attributes", "status"})),
    Program("actionkit", "ActionKit", frozenset({"akid"})),
    Program("google", "Google Contacts", frozenset({"email1value"})),
]
LABELS = {program.name: program.label for program in PROGRAMS} | {"file": "CSV file"}

# What a whole file holds: everybody in Mailchimp's second file has unsubscribed, in its third was cleaned.
HOLDS = {
    "": "People, as their status column says, or nothing else",
    "unsubscribed": "People who unsubscribed",
    "cleaned": "Addresses that were cleaned because mail to them bounced",
    "nonsubscribed": "People who never subscribed",
}


def fields() -> Known:
    """Return what a column may mean: our fields, and the coalition's own questions as custom_ and their keys."""
    asked = {PREFIX + one.key: one.label() for one in questions.everything()}
    return {**FIELDS, **{name: (label, (key(name), key(label))) for name, label in asked.items()}}


def key(header: str) -> str:
    """Return the header as it is compared: lower case, letters and digits alone."""
    return re.sub(r"[\W_]+", "", header.lower())


def program(header: Sequence[str]) -> str:
    """Return the name of the program that writes such headers, or `file`."""
    keys = {key(cell) for cell in header}
    return next((program.name for program in PROGRAMS if program.headers <= keys), "file")


def holds(header: Sequence[str], filename: str) -> str:
    """Return what Mailchimp's file holds by its name: unsubscribed, cleaned, nonsubscribed or nothing.

    A column such as UNSUB_TIME speaks for its own row alone.
    """
    if program(header) == "mailchimp":
        start = filename.lower().split("_")[0]
        return start if start in HOLDS else ""
    return ""


def recognize(header: Sequence[str], known: Known = FIELDS) -> list[str]:
    """Return the field of each column, '' where it is not known; raises Refused where two columns claim one field."""
    meanings = {word: name for name, (_, words) in known.items() for word in words if word} | MEANINGS
    mapping = [meanings.get(key(cell), "") for cell in header]
    for name in {name for name in mapping if mapping.count(name) > 1 and name}:
        places = [place for place, found in enumerate(mapping) if found == name]
        keys = [key(header[place]) for place in places]
        if name not in MAY_DOUBLE or len(set(keys)) < len(keys):
            raise Refused(_doubled(known[name][0], [header[place] for place in places]))
        chosen = min(places, key=lambda place: FIELDS[name][1].index(key(header[place])))
        mapping = ["" if found == name and place != chosen else found for place, found in enumerate(mapping)]
    if "full_name" in mapping and {"first_name", "last_name"} & set(mapping):
        mapping[mapping.index("full_name")] = ""
    return mapping


def check(mapping: Sequence[str], known: Known = FIELDS) -> None:
    """Raise Refused unless the mapping names the e-mail column, and no field twice."""
    named = [name for name in mapping if name]
    if "email" not in named:
        raise Refused("No column holds e-mail addresses. Name one column “email” in the first row and try again.")
    for name in named:
        if named.count(name) > 1:
            raise Refused(f"Two columns are set to “{known[name][0]}”. Choose one of them.")


def ignored(header: Sequence[str], mapping: Sequence[str]) -> list[str]:
    """Return the headers of the columns that are not read."""
    pairs = zip(header, mapping, strict=True)
    return [cell for cell, name in pairs if not name and key(cell) != key(ERROR_COLUMN)]


def _doubled(label: str, headers: list[str]) -> str:
    listed = " and ".join(f"“{header}”" for header in headers)
    return f"Two columns hold “{label}”: {listed}. Remove or rename one of them and try again."
