"""What the list of blocks needs on the page where they are written, whatever they are part of."""

import secrets
from functools import partial
from typing import Any

from flask import Response, current_app, make_response, render_template, request
from flask_login import current_user

from crm.base import block_kinds
from crm.base.changes import Refused
from crm.base.headers import POLICY
from crm.extensions import db
from crm.mailings.blocks.kinds import HOLDER
from crm.mailings.composer import block_form, pictures, rich
from crm.mailings.composer.block_form import Changed
from crm.mailings.composer.tree import Blocks
from crm.mailings.pictures import keeping, painting


def values(form: Any, blocks: Blocks, language: str, changed: Changed, *, records: bool = True) -> dict[str, Any]:
    """Return the values of the template of blocks in that language; without `records` those of them are not offered."""
    offered = [item for item in block_kinds.blocks.items() if records or item[1].say is None]
    kinds = sorted(offered, key=lambda item: item[1].order)
    return {
        "blocks": blocks,
        "kinds": kinds,
        "kind_of": block_kinds.blocks.get,
        "holder": HOLDER,
        "label": block_form.label,
        "as_markdown": rich.as_markdown,
        "pictures": pictures.offered(blocks),
        "file_of": keeping.file_of,
        "most_megabytes": min(painting.MOST_MEGABYTES, current_app.config["MAX_UPLOAD_MB"]),
        "form": form,
        "htmx": request.headers.get("HX-Request") == "true",
        "written_in": language,
        "changed": changed,
        "choices_of": partial(_choices),
    }


def change(form: Any, do: str, gone: str) -> Changed:
    """Change the blocks of a form by a button, with the pictures that came; the form tells which were refused."""
    try:
        pictures.keep_sent(form.blocks, current_user)
    except Refused as refused:
        db.session.rollback()
        form.form_errors.append(str(refused))
    return block_form.apply(form.blocks, do, gone)


def page(template: str, values: dict[str, Any]) -> Response:
    """Return the page where blocks are written; its policy lets the editor of rich text add its own style sheet."""
    nonce = secrets.token_urlsafe(16)
    answer = make_response(render_template(template, **values, style_nonce=nonce))
    answer.headers["Content-Security-Policy"] = f"{POLICY}; style-src 'self' 'nonce-{nonce}'"
    return answer


def _choices(one: block_kinds.BlockField, value: str) -> list[tuple[str, str]]:
    """Return the choices of a field, among them one that is no longer offered but stands there."""
    found = one.choices() if one.choices else []
    return found if not value or value in dict(found) else [*found, (value, "(no longer there)")]
