"""Postal codes as people type them, in the digits of any script; supporters abroad have letters in theirs."""

import re

from crm.base.words import one_line, plain_digits

CODE = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9 -]{1,11}\Z")


def tidied(typed: str | None) -> str:
    """Return what was typed on one line, with plain digits."""
    return plain_digits(one_line(typed))
