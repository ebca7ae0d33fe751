"""Sending the PDF of a letter: to everybody with a mark by which caches ask whether it is still the same."""

import hashlib
import json
from typing import Any

from flask import Response, request

from crm.actions.sign_on import sheets, typesetting
from crm.actions.sign_on.sheets import Sheet


def for_everybody(sheet: Sheet, name: str) -> Response:
    """Return the answer; it may be kept, but is asked about each time: who withdraws is gone from it at once.

    Raises Unprintable.
    """
    values = sheets.values(sheet)
    answer = Response(mimetype="application/pdf")
    answer.set_etag(_mark(values))
    answer.cache_control.public, answer.cache_control.no_cache = True, True
    if answer.make_conditional(request).status_code != 304:
        _fill(answer, sheet, values, name)
    return answer


def for_staff(sheet: Sheet, name: str) -> Response:
    """Return the answer, to be kept nowhere. Raises Unprintable."""
    answer = Response(mimetype="application/pdf")
    answer.cache_control.private, answer.cache_control.no_store = True, True
    _fill(answer, sheet, sheets.values(sheet), name)
    return answer


def _fill(answer: Response, sheet: Sheet, values: dict[str, Any], name: str) -> None:
    answer.data = typesetting.pdf(values, sheet.head.logo)
    answer.headers.set("Content-Disposition", "attachment", filename=f"{name}-{sheet.language}.pdf")


def _mark(values: dict[str, Any]) -> str:
    said = json.dumps(values, sort_keys=True).encode() + typesetting.TEMPLATE.read_bytes()
    return hashlib.sha256(said).hexdigest()[:32]
