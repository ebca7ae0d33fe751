"""Pages of the library for the staff: the list, writing, publishing."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base import locales, shelves
from crm.base.changes import Refused
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.campaigns import registry as campaigns
from crm.extensions import db
from crm.resources import (
    citing,
    covers,
    downloads,
    file_kinds,
    library,
    offering,
    proposing,
    searching,
    storage,
    telling,
)
from crm.resources.forms import CoverForm, FileForm, ResourceForm, prepared
from crm.resources.kinds import GATES, STATES, TYPES
from crm.resources.models import Resource

bp = Blueprint("resources_staff", __name__, url_prefix="/staff/library")

Page = str | Response | tuple[str, int]
PER_PAGE = 30


@bp.get("/")
@requires("resources.see")
def index() -> str:
    """List the resources, perhaps of some words, type or state."""
    wanted, state = searching.Wanted.of(request.args), request.args.get("state", "")
    state = state if state in STATES else ""
    page = paginate(searching.everything(wanted, state), request.args.get("page", 1, type=int), per_page=PER_PAGE)
    counts = downloads.numbers_of([one.id for one in page.rows])
    values = {"page": page, "wanted": wanted, "state": state, "types": TYPES, "states": STATES, "counts": counts}
    return render_template("resources/staff/index.html", **values, proposals=proposing.waiting(), gates=GATES)


@bp.route("/new", methods=["GET", "POST"])
@requires("resources.edit")
def new() -> Page:
    """Begin a resource."""
    return _save(Resource(), _form(ResourceForm(), Resource()), "New resource")


@bp.get("/<int:resource_id>")
@requires("resources.see")
def show(resource_id: int) -> str:
    """Show a resource: what it has, what is missing, how often it was taken."""
    return resource_page(found(resource_id))


@bp.route("/<int:resource_id>/edit", methods=["GET", "POST"])
@requires("resources.edit")
def edit(resource_id: int) -> Page:
    """Edit a resource."""
    resource = found(resource_id)
    return _save(resource, _form(ResourceForm(obj=resource), resource), resource.name)


@bp.post("/<int:resource_id>/publish")
@requires("resources.edit")
def publish(resource_id: int) -> Page:
    """Show a resource to everybody."""
    resource = found(resource_id)
    try:
        library.publish(resource)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for(".show", resource_id=resource_id))
    db.session.commit()
    flash("It is published.", "success")
    return redirect(url_for(".show", resource_id=resource_id))


@bp.post("/<int:resource_id>/withdraw")
@requires("resources.edit")
def withdraw(resource_id: int) -> Response:
    """Take a resource off the site."""
    library.withdraw(found(resource_id))
    db.session.commit()
    flash("It is withdrawn. Its page says so to whoever has the address.", "success")
    return redirect(url_for(".show", resource_id=resource_id))


@bp.post("/<int:resource_id>/delete")
@requires("resources.edit")
def delete(resource_id: int) -> Response:
    """Delete a draft."""
    resource = found(resource_id)
    cover = resource.cover
    try:
        tokens = library.delete(resource)
    except Refused as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".show", resource_id=resource_id))
    db.session.commit()
    covers.remove(cover)
    for token in tokens:
        storage.SHELF.remove(token)
    flash("The draft is deleted.", "success")
    return redirect(url_for(".index"))


def found(resource_id: int) -> Resource:
    """Return the resource of that id, or answer that there is none."""
    return db.session.get(Resource, resource_id) or abort(404)


def resource_page(resource: Resource, *, file_form: Any = None, cover_form: Any = None) -> str:
    """Return the page of a resource, with the forms that were sent, if any."""
    values: dict[str, Any] = {"one": resource, "types": TYPES, "states": STATES, "gates": GATES}
    values |= {"file_form": file_form or FileForm(None), "cover_form": cover_form or CoverForm(None)}
    values |= {"form": file_form or cover_form, "kinds": file_kinds.KINDS, "named": file_kinds.NAMED}
    values |= {"most": shelves.most_megabytes(), "cover_names": covers.names, "taken": downloads.number_of(resource)}
    values |= {
        "address": citing.address(resource),
        "audiences": telling.audiences(resource),
        "languages": locales.LANGUAGES,
    }
    values["topics"] = offering.topic_names(resource)
    values["ask"] = offering.ask_of(resource, current_user)
    return render_template("resources/staff/show.html", **values)


def _form(form: ResourceForm, resource: Resource) -> ResourceForm:
    choices = {"campaign_id": campaigns.choices("None"), "organization_id": offering.organizations()}
    choices |= {"topics": offering.topics(), "ask_id": offering.asks(resource, current_user)}
    if resource.published_at is not None:
        del form.slug  # Its address is known to people.
    return prepared(form, choices)


def _save(resource: Resource, form: ResourceForm, title: str) -> Page:
    if form.saves(resource, library.save):
        db.session.commit()
        flash("It is saved.", "success")
        return redirect(url_for(".show", resource_id=resource.id))
    status = 422 if form.errors else form.status
    values = {"form": form, "title": title, "one": resource, "languages": locales.LANGUAGES}
    return render_template("resources/staff/edit.html", **values), status
