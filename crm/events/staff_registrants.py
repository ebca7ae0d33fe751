"""Pages of who registered: the table, its files, check-in at the door, and the lists of webinar tools."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.base import audit, sheets, tables
from crm.base.changes import Refused
from crm.base.database import looking
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.sheets import Sheet
from crm.events import attending, importing, lists
from crm.events.forms import AttendanceFileForm
from crm.events.models import ATTENDANCE_STATES, REGISTERED, Attendance, AttendanceImport, Event
from crm.events.staff import found
from crm.extensions import db

bp = Blueprint("event_registrants_staff", __name__, url_prefix="/staff/events")

Page = str | AnyResponse | tuple[str, int]


@bp.route("/<int:event_id>/registrants")
@requires("events.see")
def index(event_id: int) -> str:
    """List who registered, perhaps one group of them."""
    event = found(event_id)
    shown, words = _asked(event)
    page = paginate(lists.find(event, shown, words), request.args.get("page", 1, type=int))
    values = {"page": page, "shown": shown, "words": words, "counts": lists.counts(event)}
    values |= {"groups": lists.groups(event)}
    named = {"states": ATTENDANCE_STATES, "how": attending.HOW}
    return render_template("events/staff/registrants.html", event=event, **values, **named)


@bp.post("/<int:event_id>/registrants.csv")
@requires("contacts.export")
def as_csv(event_id: int) -> Response:
    """Send the list as CSV."""
    event = found(event_id)
    _note(event_id)
    with looking():
        rows = [[_plain(cell) for cell in row] for row in lists.rows(event, *_asked(event))]
        name = f"registrants-{event.slug}"
    return tables.send_csv(name, tables.csv_lines([column for column, _ in lists.COLUMNS], rows))


@bp.post("/<int:event_id>/registrants.xlsx")
@requires("contacts.export")
def as_xlsx(event_id: int) -> Response:
    """Send the list as a spreadsheet."""
    event = found(event_id)
    _note(event_id)
    with looking():
        sheet = Sheet("Registrants", lists.COLUMNS, lists.rows(event, *_asked(event)))
        return sheets.send([sheet], f"registrants-{event.slug}", event.zone)


@bp.route("/<int:event_id>/check-in")
@requires("events.edit")
def check_in(event_id: int) -> str:
    """Find registrants at the door, and check them in; made for a phone."""
    event = found(event_id)
    words = request.args.get("q", "")
    page = paginate(lists.find(event, REGISTERED, words), request.args.get("page", 1, type=int))
    return render_template(
        "events/staff/check_in.html", event=event, page=page, words=words, counts=lists.counts(event)
    )


@bp.post("/<int:event_id>/registrants/<int:attendance_id>/attended")
@requires("events.edit")
def attended(event_id: int, attendance_id: int) -> AnyResponse:
    """Note that somebody attended, or take it back."""
    one = _of(event_id, attendance_id)
    if request.form.get("attended") == "no":
        attending.not_attended(one)
    else:
        attending.attended(one, attending.CHECK_IN)
    db.session.commit()
    back = ".check_in" if request.form.get("back") == "check_in" else ".index"
    return redirect(url_for(back, event_id=event_id, q=request.form.get("q") or None, shown=request.form.get("shown")))


@bp.post("/<int:event_id>/registrants/<int:attendance_id>/cancel")
@requires("events.edit")
def cancel(event_id: int, attendance_id: int) -> AnyResponse:
    """Cancel somebody's registration; they are told, and who waits longest moves up."""
    one = _of(event_id, attendance_id)
    told = f"The registration of {one.contact.name} is canceled."
    done = attending.leave(one)
    flash(told if done else "That was done already.", "success")
    if done:
        audit.record("cancel", "attendance", one.id)
    db.session.commit()
    return redirect(url_for(".index", event_id=event_id))


@bp.route("/<int:event_id>/import", methods=["GET", "POST"])
@requires("events.edit")
def import_file(event_id: int) -> Page:
    """Take the list of who attended from a webinar tool; nothing is noted before the next page."""
    event = found(event_id)
    form = AttendanceFileForm()
    if form.validate_on_submit():
        try:
            kept = importing.keep(event, form.file.data)
        except Refused as refusal:
            form.refuse("file", str(refusal))
        else:
            db.session.commit()
            return redirect(url_for(".imported", event_id=event_id, import_id=kept.id))
    return render_template("events/staff/import.html", event=event, form=form), 422 if form.errors else 200


@bp.route("/<int:event_id>/import/<int:import_id>", methods=["GET", "POST"])
@requires("events.edit")
def imported(event_id: int, import_id: int) -> Page:
    """Show whom the list names, and note that they attended once staff say so."""
    event, kept = found(event_id), db.session.get(AttendanceImport, import_id)
    if kept is None or kept.event_id != event_id:
        abort(404)
    if request.method == "POST":
        number = importing.apply(kept)
        flash(f"{number} {'person is' if number == 1 else 'people are'} noted as having attended.", "success")
        return redirect(url_for(".index", event_id=event_id, shown="attended"))
    return render_template("events/staff/imported.html", event=event, kept=kept, matched=importing.match(kept))


def _asked(event: Event) -> tuple[str, str]:
    shown = request.values.get("shown", "")
    return shown if shown in lists.groups(event) else "", request.values.get("q", "")


def _of(event_id: int, attendance_id: int) -> Attendance:
    return attending.of_event(event_id, attendance_id) or abort(404)


def _note(event_id: int) -> None:
    audit.record("export", "event", event_id)
    db.session.commit()


def _plain(cell: object) -> object:
    return cell.isoformat(timespec="seconds") if hasattr(cell, "isoformat") else cell
