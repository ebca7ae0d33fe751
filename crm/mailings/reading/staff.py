"""Pages with the clicks on a mailing: by link, by hour, by language, and by name of those who agreed."""

from datetime import datetime
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request
from flask_login import current_user
from sqlalchemy import select

from crm.base.forms import row_number
from crm.base.guards import requires
from crm.base.locales import LANGUAGES
from crm.base.pages import paginate
from crm.contacts.models import Contact
from crm.extensions import db
from crm.mailings import reporting
from crm.mailings.archive import pages
from crm.mailings.models import Mailing
from crm.mailings.reading import clicks

bp = Blueprint("clicks_staff", __name__, url_prefix="/staff/mailings")


@bp.get("/<int:mailing_id>/clicks")
@requires("mailings.see")
def show(mailing_id: int) -> str:
    """Show how often the links of a mailing were followed."""
    mailing = db.get_or_404(Mailing, mailing_id)
    report = reporting.report(mailing)
    values = {"mailing": mailing, "report": report, "zone": current_user.zone, "names": LANGUAGES}
    values |= {"hours": [(_tell(hour), number) for hour, number in report.clicks.hours]}
    return render_template("mailings/reading/clicks.html", **values, sign_ups=pages.sign_ups(mailing))


@bp.get("/<int:mailing_id>/clicks/people")
@requires("contacts.see")
def people(mailing_id: int) -> str:
    """List those who agreed to be seen and followed a link of the mailing, perhaps one link alone."""
    mailing = db.get_or_404(Mailing, mailing_id)
    query = clicks.who(mailing, row_number(request.args.get("link", "")) or None)
    page = paginate(query, request.args.get("page", 1, type=int))
    ids = {one.contact_id for one in page.rows}
    found = {one.id: one for one in db.session.scalars(select(Contact).where(Contact.id.in_(ids)))}
    values = {"mailing": mailing, "page": page, "people": found, "zone": current_user.zone, "tell": _tell}
    values["links"] = {link.id: link.url for link in mailing.links}
    return render_template("mailings/reading/people.html", **values)


def _tell(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo(current_user.zone)).strftime("%Y-%m-%d %H:%M")
