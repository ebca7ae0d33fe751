"""Whom the code at the end of a link credits: a registry that upper rooms fill at assembly.

Members and supporters have codes of their own, which contacts know; they come first.
"""

from collections.abc import Callable

from crm.base.registries import Registry

Credit = tuple[str, str]
"""The kind and the label of the source that a code stands for."""

credited: Registry[Callable[[str], Credit | None]] = Registry()
"""Functions from a code to its credit; None for a code that is not theirs."""

member_codes: Registry[Callable[[int, str, str], None]] = Registry()
"""Functions of the id of a member organization, its name and its code, called where these are saved."""


def of(code: str) -> Credit | None:
    """Return whom a code credits; None where nobody knows it."""
    found = (look(code) for look in credited) if code else ()
    return next((credit for credit in found if credit is not None), None)
