"""The one normal form of e-mail addresses: what is stored, compared and searched for."""

import unicodedata

from email_validator import EmailNotValidError, validate_email


class BadAddress(ValueError):
    """The text is no e-mail address; the message says why, in words for the person who typed it."""


def normalize(text: str) -> str:
    """Return the address in lower case, without surrounding white space, its domain in Unicode; raises BadAddress.

    No DNS is asked. RFC 5321 §2.4 lets a host tell upper from lower case in the local part; none that
    people use does, and two records of one person are the greater harm.
    """
    try:
        found = validate_email(text.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise BadAddress(str(error)) from error
    normal = unicodedata.normalize("NFC", found.normalized.lower())
    if len(normal) > 254:
        raise BadAddress("The address is longer than 254 characters.")
    return normal
