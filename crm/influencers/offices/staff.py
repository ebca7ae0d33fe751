"""Pages of offices: the list, an office, adding and editing one."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import clock, pages
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import screens
from crm.influencers.offices import editing, holdings, passing_on, staffing, standing
from crm.influencers.offices.forms import OfficeForm
from crm.influencers.offices.models import Office

bp = Blueprint("offices_staff", __name__, url_prefix="/staff/influencers/offices")

Page = str | Response | tuple[str, int]
ASKS_SHOWN = 10


@bp.route("/")
@requires("influencers.see")
def index() -> str:
    """List offices with their present holders, and say which terms end soon."""
    wanted, today = screens.filters(standing.FILTERS), clock.today(current_user.zone)
    page = pages.paginate(standing.find(wanted, current_user, today), request.args.get("page", 1, type=int))
    return render_template(
        "influencers/offices/index.html",
        page=page,
        wanted=wanted,
        holders=standing.holders([office.id for office in page.rows], current_user),
        ending=standing.ending(current_user, today),
        waiting=passing_on.count(current_user),
        states=standing.states(),
        shows=standing.SHOWS,
        is_near=standing.is_near,
        today=today,
    )


@bp.route("/new", methods=["GET", "POST"])
@requires("influencers.edit")
def new() -> Page:
    """Add an office."""
    return _save(Office(imported_facts={}), OfficeForm())


@bp.route("/<int:office_id>")
@requires("influencers.see")
def show(office_id: int) -> str:
    """Show an office: how to reach it, who holds and held it, who works there, open asks to former holders."""
    office = found(office_id)
    return render_template(
        "influencers/offices/show.html",
        office=office,
        holdings=standing.ever(office, current_user),
        contacts=staffing.of(office),
        roles=staffing.ROLES,
        ends=holdings.ENDS,
        waiting=passing_on.find(current_user, office.id, limit=ASKS_SHOWN),
        is_near=standing.is_near,
        today=clock.today(current_user.zone),
    )


@bp.route("/<int:office_id>/edit", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(office_id: int) -> Page:
    """Edit an office."""
    office = found(office_id)
    return _save(office, OfficeForm(obj=office))


def found(office_id: int) -> Office:
    """Return the office, or answer that there is no such page."""
    return db.session.get(Office, office_id) or abort(404)


def _save(office: Office, form: OfficeForm) -> Page:
    if form.saves(office, editing.save):
        db.session.commit()
        flash(f"{office.title} is saved.", "success")
        return redirect(url_for(".show", office_id=office.id))
    return render_template("influencers/offices/edit.html", form=form, office=office), form.status
