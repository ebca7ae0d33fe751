"""Pages of the report of a mailing, of the rows behind its numbers, and of the mailings of a year."""

from collections.abc import Callable
from dataclasses import fields
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.base import audit, database, sheets
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.base.sheets import Sheet
from crm.base.tables import send_csv
from crm.delivery import pruned
from crm.extensions import db
from crm.mailings.models import KINDS, Mailing
from crm.mailings.reading import clicks
from crm.mailings.report import acts, averages, breakdowns, growth, hours, origins, people, rows, yearly
from crm.mailings.report import sheets as files
from crm.mailings.sequences import using
from crm.organizations import coalition

bp = Blueprint("mailing_report", __name__, url_prefix="/staff/mailings")


@bp.get("/<int:mailing_id>/report")
@requires("mailings.see")
def show(mailing_id: int) -> str | AnyResponse:
    """Show what people did with a mailing."""
    mailing = db.get_or_404(Mailing, mailing_id)
    if not mailing.messages:
        return redirect(url_for("mailings_staff.show", mailing_id=mailing_id))
    found, places = people.report(mailing), acts.people_by_place(mailing)
    values: dict[str, Any] = {"mailing": mailing, "report": found, "usual": averages.of(mailing), "kinds": KINDS}
    values["languages"] = breakdowns.by_language(mailing, found, places)
    values["versions"] = breakdowns.by_version(mailing, found, places)
    values |= {"links": breakdowns.by_link(found, places), "origins": origins.of(mailing)}
    values |= _hours(mailing, found)
    values |= {"goals": growth.toward_goals(mailing, found.growth), "ways": growth.WAYS, "zone": coalition.zone()}
    values["gone"] = pruned.told(sum(pruned.number(None, message_id) for message_id in mailing.message_ids))
    return render_template(
        "mailings/report/show.html", **values, percent=people.percent, step=using.step_of(mailing_id)
    )


@bp.get("/<int:mailing_id>/report/<part>")
@requires("contacts.see")
def numbered(mailing_id: int, part: str) -> str:
    """List the people behind a number of the report, perhaps of a language, a version or a source."""
    mailing, names = db.get_or_404(Mailing, mailing_id), rows.names()
    if part not in names:
        abort(404)
    narrowed = _narrowed()
    page = rows.page(mailing, part, narrowed, request.args.get("page", 1, type=int))
    values = {"mailing": mailing, "page": page, "names": names, "part": part, "copies": rows.COPIES}
    values |= {"asked": rows.words(mailing, narrowed), "people": rows.people(page)}
    values["untold"] = rows.untold(mailing, part, narrowed, page.total)
    return render_template("mailings/report/rows.html", **values, tell=_tell, zone=current_user.zone)


@bp.get("/<int:mailing_id>/report/clicked")
@requires("contacts.see")
def clicked(mailing_id: int) -> str:
    """List those who agreed to be seen and followed a link; tell how many more there are."""
    mailing, narrowed = db.get_or_404(Mailing, mailing_id), _narrowed()
    page = paginate(rows.clicked(mailing, narrowed), request.args.get("page", 1, type=int))
    values = {
        "mailing": mailing,
        "page": page,
        "asked": rows.words(mailing, narrowed),
        "people": clicks.people(page.rows),
    }
    values |= {"links": {one.id: one for one in mailing.links}, "more": rows.clicked_besides(mailing, narrowed)}
    return render_template("mailings/report/clicked.html", **values, tell=_tell, zone=current_user.zone)


@bp.get("/report/")
@requires("mailings.see")
def index() -> str:
    """List the mailings of a year with their numbers."""
    asked = yearly.wanted(request.args)
    page = paginate(yearly.query(asked), request.args.get("page", 1, type=int))
    values = {"page": page, "asked": asked, "figures": yearly.figures([one.id for one in page.rows]), "kinds": KINDS}
    values |= {"years": yearly.years(), "campaigns": yearly.campaigns(), "columns": yearly.COLUMNS}
    values |= {"counted": yearly.COUNTED, "rates": yearly.rates, "zone": coalition.zone(), "tell": coalition.day_of}
    return render_template("mailings/report/index.html", **values)


@bp.post("/<int:mailing_id>/report/file")
@requires("mailings.edit")
def file(mailing_id: int) -> AnyResponse:
    """Send the tables of a report, and write down who took them."""
    db.get_or_404(Mailing, mailing_id)

    def made() -> list[Sheet]:
        mailing = db.session.get_one(Mailing, mailing_id)
        return files.of(mailing, people.report(mailing))

    return _sent(made, f"mailing-{mailing_id}-report", mailing_id)


@bp.post("/report/file")
@requires("mailings.edit")
def file_of_year() -> AnyResponse:
    """Send the mailings of a year with their numbers, and write down who took them."""
    asked = yearly.wanted(request.args)
    return _sent(lambda: files.of_year(asked), f"mailings-{asked.year}", None)


def _hours(mailing: Mailing, found: people.Report) -> dict[str, Any]:
    first_day, by_day = hours.since_it_came(mailing, found.clicks)
    of_the_day = hours.of_the_day(found.clicks, mailing.released_at)
    return {"first_day": first_day, "by_day": by_day, "of_the_day": of_the_day}


def _narrowed() -> rows.Narrowed:
    return rows.Narrowed(**{field.name: request.args.get(field.name, "") for field in fields(rows.Narrowed)})


def rows_url(mailing: Mailing, name: str) -> str:
    """Return the address of the rows behind a number."""
    if name == "clicked":
        return url_for(f"{bp.name}.clicked", mailing_id=mailing.id)
    return url_for(f"{bp.name}.numbered", mailing_id=mailing.id, part=name)


def _sent(make: Callable[[], list[Sheet]], name: str, mailing_id: int | None) -> AnyResponse:
    """Write down who takes the tables, and send them as CSV, or as a spreadsheet where that is asked for. Commits."""
    kind = "xlsx" if request.form.get("as") == "xlsx" else "csv"
    zone = current_user.zone
    audit.record("export", "mailing", mailing_id, what=name, kind=kind)
    name = f"{name}-{coalition.today()}"
    db.session.commit()
    with database.looking():
        if kind == "xlsx":
            return sheets.send(make(), name, zone)
        found = [Sheet(sheet.name, sheet.columns, list(sheet.rows)) for sheet in make()]
    return send_csv(name, files.lines(found))


def _tell(moment: datetime | None) -> str:
    return moment.astimezone(ZoneInfo(current_user.zone)).strftime("%Y-%m-%d %H:%M") if moment else ""
