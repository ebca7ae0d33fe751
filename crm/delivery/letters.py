"""Letters that the program itself writes: a folder of three templates under templates/email/, and one function.

Jinja renders only our own files, once for all recipients; what is personal stays a merge field until it is sent.
"""

import hashlib
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from flask import current_app, render_template
from flask_babel import force_locale
from markupsafe import Markup
from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError

from crm.base import registries
from crm.delivery import merge_fields, outbox
from crm.delivery.compiled import CALENDAR
from crm.delivery.models import Message
from crm.extensions import db

BY_DIGEST = select(Message.id).where(Message.digest == bindparam("wanted"))


class MissingValue(ValueError):
    """A letter has a merge field that nobody gave a value for."""


@dataclass(frozen=True)
class Draft:
    """A rendered letter, its personal values still open."""

    subject: str
    html: str
    text: str
    sender: str
    calendar: str = ""

    @cached_property
    def fields(self) -> set[str]:
        """The names of its merge fields."""
        return merge_fields.names(self.subject + self.html + self.text)

    def digest(self, name: str, locale: str) -> str:
        parts = "\0".join((name, locale, self.sender, self.subject, self.text, self.html))
        parts += f"\0{self.calendar}" if self.calendar else ""
        return hashlib.sha256(parts.encode()).hexdigest()


def send(
    name: str,
    address: str,
    *,
    locale: str,
    occasion: str,
    merge: Mapping[str, str],
    contact_id: int | None = None,
    about: str = "",
    rendered_within: float = 0.0,
    shape: Mapping[str, Any] | None = None,
    calendar: str = "",
) -> int | None:
    """Queue the letter of that name in that language, and return its delivery's id; None where it was queued before.

    occasion: what makes a second letter to the same address a different one. The caller commits.
    rendered_within: for letters in a rush, how many seconds ago the templates may have been rendered.
    shape: what the templates read by these names, e.g. how many entries a list has; each makes a letter of its own.
    calendar: the METHOD of the calendar file that stands in the merge value `calendar`, "" for none.
    Raises MissingValue, or TemplateNotFound where there is no such letter.
    """
    draft = _recent(name, locale, rendered_within, shape)
    fields = draft.fields
    if calendar:
        draft = replace(draft, calendar=calendar)
        fields = fields | {CALENDAR}
    if missing := {field for field in fields if not merge.get(field)}:
        raise MissingValue(f"the letter {name} needs {', '.join(sorted(missing))}")
    used = {field: str(value) for field, value in merge.items() if field in fields}
    digest = draft.digest(name, locale)

    def queue(message: int | str) -> int | None:
        return outbox.queue(message, address, contact_id=contact_id, about=about, merge=used, occasion=occasion)

    return queue(digest) or queue(_message_id(draft, digest))


def render(name: str, locale: str, shape: Mapping[str, Any] | None = None) -> Draft:
    """Return the letter in that language, with merge fields where the templates say field("…"), and nowhere else."""
    ours: set[str] = set()

    def field(name: str) -> Markup:
        ours.add(str(name))
        return Markup("{{ %s }}") % Markup(name)  # noqa: S704  Only our own templates call it, with names.

    with force_locale(locale):
        values = frame() | dict(shape or {})
        parts = [
            merge_fields.without_others(render_template(f"email/{name}/{part}", field=field, **values), ours)
            for part in ("subject.txt", "body.html", "body.txt")
        ]
    sender = merge_fields.without_others(str(values["sender"]), ())
    return Draft(" ".join(parts[0].split()), parts[1], parts[2].strip() + "\n", sender)


def frame() -> dict[str, Any]:
    """Return what all letters share: the sender, and what upper rooms add (the coalition and its postal address)."""
    host = current_app.config["PUBLIC_URL"].split("//")[-1].split("/")[0].split(":")[0]
    values: dict[str, Any] = {"sender": current_app.config["MAIL_DEFAULT_SENDER"] or f"no-reply@{host}"}
    for part in registries.letter_frames:
        values |= part()
    return values


def _recent(name: str, locale: str, seconds: float, shape: Mapping[str, Any] | None) -> Draft:
    kept: dict[tuple[str, str, str], tuple[float, Draft]] = current_app.extensions.setdefault("rendered_letters", {})
    key = (name, locale, repr(sorted((shape or {}).items())))
    at, draft = kept.get(key, (0.0, None))
    if draft is None or time.monotonic() - at >= seconds:
        draft = render(name, locale, shape)
        if seconds:
            kept[key] = time.monotonic(), draft
    return draft


def _message_id(draft: Draft, digest: str) -> int:
    wanted = {"wanted": digest}
    known = db.session.connection().execute(BY_DIGEST, wanted).scalar()
    if known is not None:
        return int(known)
    try:
        with db.session.begin_nested():
            return outbox.write(
                draft.subject, draft.html, draft.text, sender=draft.sender, calendar=draft.calendar, digest=digest
            ).id
    except IntegrityError:  # Somebody wrote the same letter at the same time.
        return int(db.session.connection().execute(BY_DIGEST, wanted).scalar_one())
