"""The page where a mailing is written, and what its buttons do."""

from dataclasses import dataclass, field
from typing import Any

from flask import Response, flash, render_template, request, session, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.base import database
from crm.base.changes import Refused, plain
from crm.base.locales import IN_ENGLISH, LANGUAGES
from crm.base.requests import read_more
from crm.extensions import db
from crm.mailings import audience, composing, fields, identity, rendering
from crm.mailings.choosing import wanted
from crm.mailings.composer import desk, editing, pictures, revisions, starting, versions
from crm.mailings.composer.block_form import Changed
from crm.mailings.forms import MailingForm, TextForm
from crm.mailings.models import KINDS, Mailing
from crm.mailings.sequences import using
from crm.mailings.texts import Text

ROOM = 24_000_000  # bytes of typed text that are read, so that what is too long is refused on the page itself
FIELDS = 20_000  # 200 blocks have some thousands
EDIT = "mailings_staff.edit"


@dataclass
class Writing:
    """A text of a mailing (of none yet) on the page where it is written, and what has to be told there."""

    mailing: Mailing | None
    language: str
    form: TextForm
    theirs: list[tuple[str, str]] = field(default_factory=list)
    changed: Changed = field(default_factory=lambda: Changed(""))
    overtaken: bool = False

    @property
    def text(self) -> Text | None:
        """The text as it is saved."""
        return editing.text_in(self.mailing, self.language) if self.mailing else None


def read_what_is_too_long(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let staff send more than can be kept: the form is shown again then, with all that was typed."""
    if "_user_id" in session:
        request.max_form_parts = FIELDS
    read_more(pictures.ROOM, ROOM)


def opened(mailing: Mailing, language: str) -> Writing:
    """Return the text of that language as it is written now; the main one where we do not write in it."""
    wanted = language if language in LANGUAGES and language != mailing.language else ""
    text = editing.text_in(mailing, wanted)
    form = MailingForm(mailing) if text is mailing else TextForm(text, data={"version": mailing.version})
    return Writing(mailing, wanted, form)


def save(writing: Writing, *, by_hand: bool = True) -> bool:
    """Save what was typed, with the pictures that came with it; tell in the form why it cannot be."""
    form, mailing = writing.form, writing.mailing
    if mailing is None or not form.validate_on_submit():
        return False
    try:
        pictures.keep_sent(form.blocks, current_user)
        known: dict[str, Any] = {"version": form.opened_on, "language": writing.language, "sheet": form.sheet}
        text = composing.save(mailing, form.values(), **known, by_hand=by_hand)
    except composing.ChangedMeanwhile:
        db.session.rollback()
        now = editing.text_in(mailing, writing.language)
        form.opened_anew(mailing, now)
        writing.theirs, writing.overtaken = _differences(form, now), True
        return False
    except (composing.BadMailing, Refused) as bad:
        db.session.rollback()
        form.form_errors.append(str(bad))
        return False
    editing.note(mailing, writing.language, form.sheet.key, saved=text)
    return True


def after_saving(writing: Writing, then: str) -> str:
    """Do what the button says that saved it, tell it, and return the address of the next page."""
    mailing = writing.mailing
    assert mailing is not None
    verb, _, language = then.partition(":")
    here = url_for(EDIT, mailing_id=mailing.id, text=writing.language or None)
    if verb == "review":
        flash("Saved.")
        return url_for(next_page(), mailing_id=mailing.id)
    if verb == "text":
        return url_for(EDIT, mailing_id=mailing.id, text=language or None)
    if verb == "add":
        try:
            versions.add(mailing, language)
        except composing.BadMailing as bad:
            flash(str(bad), "error")
            return here
        flash(f"There is a version in {IN_ENGLISH[language]} now. It begins as a copy: translate it here.")
        return url_for(EDIT, mailing_id=mailing.id, text=language)
    flash("Saved.")
    return here


def next_page() -> str:
    """Return the endpoint of the page after saving."""
    return "mailings_staff.review" if request.form.get("then") == "review" else EDIT


def change(writing: Writing, do: str, gone: str) -> str | AnyResponse:
    """Change the blocks by a button, unsaved; with scripts, answer with their list alone."""
    writing.changed = desk.change(writing.form, do, gone)
    if request.headers.get("HX-Request") != "true":
        return show(writing)
    with database.looking():
        return render_template("mailings/composer/_blocks.html", **_of_blocks(writing), writing=writing)


def start() -> str:
    """Show the kinds of mailings to begin with."""
    kinds = [(name, label, starting.WHAT_FOR[name], starting.blocks_for(name, "en")) for name, label in KINDS.items()]
    return render_template("mailings/composer/start.html", kinds=kinds, languages=IN_ENGLISH)


def show(writing: Writing) -> Response:
    """Show the page."""
    with database.looking():
        values = {**_of_page(writing), **_of_blocks(writing), "writing": writing}
        return desk.page("mailings/staff/edit.html", values)


def _of_page(writing: Writing) -> dict[str, Any]:
    mailing = writing.mailing
    written_in = _written_in(writing)
    menu = [(name, fields.typed(name, written_in), one.label, one.kind == "url") for name, one in fields.FIELDS.items()]
    values: dict[str, Any] = {
        "form": writing.form,
        "mailing": mailing,
        "theirs": writing.theirs,
        "merge_menu": menu,
        "people": composing.some_contacts(mailing),
    }
    if mailing is None or mailing.id is None:
        return values
    last = revisions.newest(mailing)
    values |= {"last": last, "last_by": editing.names_of([last.who])[last.who] if last else ""}
    values |= {"others": editing.others(mailing, writing.form.sheet.key), "missing": versions.missing(mailing)}
    if step := using.step_of(mailing.id):
        return values | {"audience": using.whom(step), "counts": {}}
    return values | {"audience": audience.describe(mailing), "counts": versions.counts(mailing)}


def _of_blocks(writing: Writing) -> dict[str, Any]:
    records = not (writing.mailing and writing.mailing.id and using.step_of(writing.mailing.id))
    return desk.values(writing.form, writing.form.blocks, _written_in(writing), writing.changed, records=records)


def _written_in(writing: Writing) -> str:
    return writing.language or (writing.mailing.language if writing.mailing else "en")


def _differences(form: TextForm, now: Text) -> list[tuple[str, str]]:
    """Return what another wrote of the fields that differ from what was typed here: (label, what they wrote)."""
    typed = form.values()
    shown = ("subject", "preheader", "body", "kind", "language")
    names = [name for name in shown if name in typed and plain(typed[name]) != plain(getattr(now, name))]
    found = [(form[name].label.text, str(getattr(now, name))) for name in names]
    if "blocks" in typed and typed["blocks"] != now.blocks:
        found.append(("Text", rendering.render(now, identity.current()).text))
    if isinstance(now, Mailing) and "audience" in typed and wanted.read(typed["audience"]) != wanted.of(now):
        found.append(("Audience", audience.describe(now)))
    return found
