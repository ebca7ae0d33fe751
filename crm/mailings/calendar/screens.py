"""What the pages of the calendar are made of, and how a move is answered."""

from datetime import date
from typing import Any

from flask import Response, abort, flash, jsonify, redirect, render_template, request, session, url_for
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as AnyResponse

from crm.base.calendars import Entry, Moved, NotMoved, Source
from crm.mailings.calendar import sheet

FILTERS = ("month", "view", "whose", "what", "campaign")
MOVED = "calendar_moved"

Page = str | AnyResponse | tuple[str | Response, int]


def here() -> dict[str, str]:
    """Return what the address of the page asks for, to come back to it."""
    return {name: request.args[name] for name in FILTERS if request.args.get(name)}


def find(kind: str, entry_id: int) -> tuple[Source, Entry]:
    """Return the source of that kind and the entry, where whoever looks may see it and such entries can be moved."""
    source = dict(sheet.sources(current_user)).get(kind) or abort(404)
    entry = source.get(entry_id, current_user) if source.get and source.move else None
    return source, entry or abort(404)


def move_page(kind: str, entry: Entry, form: FlaskForm, error: str = "", know: str = "") -> str:
    """Render the form that moves an entry; `know` names the warning that has to be agreed to."""
    values = {"kind": kind, "entry": entry, "form": form, "error": error, "know": know}
    return render_template("mailings/calendar/move.html", **values, here=here(), back=_back(entry.day))


def done(kind: str, moved: Moved) -> Page:
    """Answer a move that was made: to the script of the page, or by the calendar, which offers to undo it."""
    if _by_script():
        return jsonify({**_told(moved.entry), "moved": True, "was": _plain(moved.was), "message": in_words(moved)})
    if request.args.get("back") == "review" and kind == "mailings":
        flash(in_words(moved), "success")
        return redirect(url_for("mailings_staff.review", mailing_id=moved.entry.id))
    answer = {"message": in_words(moved), "was": _plain(moved.was), "seen": moved.entry.seen}
    session[MOVED] = answer | {"kind": kind, "id": moved.entry.id, "undo": moved.was is not None or kind == "mailings"}
    return redirect(_back(moved.entry.day))


def refused(kind: str, entry: Entry, form: FlaskForm, refusal: NotMoved) -> Page:
    """Answer a move that was not made: where the entry is now, why, and whether it can be made all the same."""
    now = refusal.entry or entry
    if _by_script():
        answer = {**_told(now), "moved": False, "message": str(refusal), "know": refusal.know}
        return jsonify(answer), 409
    form.seen.data, form.seen.raw_data = now.seen, None
    return move_page(kind, now, form, str(refusal), refusal.know), 409


def in_words(moved: Moved) -> str:
    """Return where an entry is now."""
    if moved.entry.day is None:
        return f"“{moved.entry.title}” is planned for no day now."
    words = f"“{moved.entry.title}” is on {moved.entry.day:%A, %B} {moved.entry.day.day} now."
    return f"{words} {moved.note}".strip()


def _told(entry: Entry) -> dict[str, Any]:
    return {"day": _plain(entry.day), "seen": entry.seen, "title": entry.title}


def _back(day: date | None) -> str:
    """Return the calendar as it was looked at, in the month of that day."""
    wanted: dict[str, Any] = here() | ({"month": f"{day:%Y-%m}"} if day else {})
    return url_for("calendar_staff.index", **wanted, _anchor=f"day-{day.isoformat()}" if day else None)


def _by_script() -> bool:
    return request.headers.get("X-Requested-With") == "fetch"


def _plain(day: date | None) -> str | None:
    return day.isoformat() if day else None
