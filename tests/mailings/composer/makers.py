"""Makers of mailings in blocks, and of what the page of one sends."""

from typing import Any

from html5lib import parse

from crm.mailings.models import Mailing
from tests.mailings.makers import make_mailing

HTML = "{http://www.w3.org/1999/xhtml}"


def heading(text: str, **values: Any) -> dict[str, Any]:
    return {"kind": "heading", "text": text, "level": "1", **values}


def text(html: str) -> dict[str, Any]:
    return {"kind": "text", "html": html}


def columns(left: list[Any], right: list[Any]) -> dict[str, Any]:
    return {"kind": "columns", "columns": [left, right]}


def make_blocks(*blocks: dict[str, Any], **values: Any) -> Mailing:
    """A draft that is written in blocks."""
    return make_mailing(markup="blocks", blocks=list(blocks), body="", **values)


def form_of(page: str, form_id: str = "mailing-form") -> dict[str, str]:
    """Return what a browser without scripts would send of that form, without its buttons."""
    tree = parse(page)
    form = next(one for one in tree.iter(f"{HTML}form") if one.get("id") == form_id)
    sent: dict[str, Any] = {}
    for field in form.iter():
        name, tag = field.get("name") if isinstance(field.tag, str) else None, str(field.tag).removeprefix(HTML)
        if not name or field.get("type") in ("submit", "file"):
            continue
        if tag == "textarea":
            sent[name] = "".join(field.itertext()).removeprefix("\n")
        elif tag == "select":
            chosen = [one.get("value") for one in field.iter(f"{HTML}option") if one.get("selected") is not None]
            first = next((one.get("value") for one in field.iter(f"{HTML}option")), "")
            sent[name] = chosen[0] if chosen else first
        elif tag == "input" and (field.get("type") not in ("checkbox", "radio") or field.get("checked") is not None):
            sent[name] = field.get("value", "")
    return sent
