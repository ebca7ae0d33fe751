"""What contacts are found by, beside their names and addresses: worked out as a row is written."""

import secrets
import unicodedata

from sqlalchemy.engine.default import DefaultExecutionContext

from crm.delivery import suppression


def new_share_code() -> str:
    """Return a new code for somebody's share link."""
    return secrets.token_hex(6)


def hash_of(email: str | None) -> str:
    """Return the hash under which an address would be suppressed; "" where there is none."""
    return suppression.address_hash(email) if email else ""


def hash_of_new(context: DefaultExecutionContext) -> str:
    """Return the hash of the address of the row that is being inserted."""
    return hash_of(context.get_current_parameters().get("email"))


def name_key_of(*names: str | None) -> str:
    """Return what names are compared by: letters and digits alone, without case and accents."""
    plain = unicodedata.normalize("NFKD", " ".join(name or "" for name in names)).casefold()
    return "".join(letter for letter in plain if letter.isalnum())[:400]


def name_key_of_new(context: DefaultExecutionContext) -> str:
    """Return the key of the names of the row that is being inserted."""
    row = context.get_current_parameters()
    return name_key_of(row.get("first_name"), row.get("last_name"))
