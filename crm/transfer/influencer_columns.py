"""Which column of a file of influencers means what: by its header, or as staff set it."""

from collections.abc import Sequence

from crm.transfer.plain_yaml import Unreadable

# Our field -> what it is called, and the headers that mean it beside its own name; compared without case and signs.
FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "name": ("Full name", ("full name",)),
    "first_name": ("First name", ("first", "given name")),
    "last_name": ("Last name", ("last", "family name", "surname")),
    "formal_name": ("Name as it is written formally", ("official name",)),
    "email": ("E-mail address", ("email address", "mail", "e-mail")),
    "organization": ("Organization", ("organisation", "company", "employer")),
    "role": ("Role", ("title", "position", "job title")),
    "body": ("Body", ()),
    "office": ("Office", ("address",)),
    "state": ("State", ()),
    "district": ("District", ()),
    "sector": ("Sector", ()),
    "phone": ("Phone", ("telephone", "phone number")),
    "website": ("Website", ("url", "web")),
    "web_form": ("Web form", ("contact form",)),
    "languages": ("Languages", ("language", "languages spoken")),
    "assistant_name": ("Assistant", ("assistant", "scheduler")),
    "assistant_contact": ("Assistant’s contact", ("assistant phone", "assistant email")),
    "owner": ("Owner (e-mail of a staff user)", ("owner email",)),
    "backup_owner": ("Backup owner (e-mail of a staff user)", ("backup", "backup owner email")),
    "stage": ("Stage", ()),
    "interest": ("Interest (1 to 5)", ()),
    "influence": ("Influence (1 to 5)", ()),
    "kept_by": ("Seen by (name of a member, or all)", ("seen by", "kept for", "member organization")),
    "noticed_on": ("Notice given on", ("notice given", "notice date", "notice")),
    "notes": ("Notes", ("note",)),
    "basis": ("Where this is from, and why we may keep it", ("source", "lawful basis", "basis and source")),
    "external_id": ("Id in the source", ("id",)),
}


def bare(text: str) -> str:
    """Return the text as it is compared: without case, spaces and signs."""
    return "".join(letter for letter in text.casefold() if letter.isalnum())


MEANINGS = {bare(word): name for name, (_, words) in FIELDS.items() for word in (name, *words)}


def recognize(header: Sequence[str]) -> list[str]:
    """Return the field of each column, "" where it is not known."""
    return [MEANINGS.get(bare(cell), "") for cell in header]


def settle(header: Sequence[str]) -> list[str]:
    """Return what `recognize` does, but of two columns for one field the first alone."""
    found = recognize(header)
    return ["" if name in found[:place] else name for place, name in enumerate(found)]


def check(header: Sequence[str], mapping: Sequence[str]) -> None:
    """Raise Unreadable unless the columns name a person, and no field twice."""
    for name in FIELDS:
        if mapping.count(name) > 1:
            raise Unreadable(f"The file has two columns for {name.replace('_', ' ')}. Remove or rename one.")
    if "name" not in mapping and "last_name" not in mapping:
        given = ", ".join(cell[:40] for cell in header[:20] if cell)
        raise Unreadable(f"No column is called “name” (or “first name” and “last name”). The first row says: {given}.")
