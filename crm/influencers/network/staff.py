"""Pages of who knows whom."""

from flask import Blueprint, abort, flash, redirect, render_template
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers.network import acquaintances, asking, screens
from crm.influencers.network.forms import AcquaintanceForm, KnowForm
from crm.influencers.network.models import Acquaintance
from crm.influencers.screens import find as find_influencer

bp = Blueprint("network_staff", __name__, url_prefix="/staff/network")

Page = str | Response | tuple[str, int]


@bp.route("/people/<int:contact_id>")
@requires("influencers.see")
def show(contact_id: int) -> str:
    """Show who knows a contact, and the best ways there."""
    return render_template("influencers/network/person.html", **screens.of(screens.contact(contact_id)))


@bp.route("/people/<int:contact_id>", methods=["POST"])
@requires("influencers.edit")
def add(contact_id: int) -> Page:
    """Keep that somebody knows the contact."""
    contact, form = screens.contact(contact_id), KnowForm(prefix="know")
    if form.validate():
        try:
            acquaintances.add(contact, form.who(), form.facts(), current_user)
            db.session.commit()
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            flash(f"It is on record who knows {contact.name}.", "success")
            return redirect(screens.home(contact_id))
    return render_template("influencers/network/person.html", form=form, **screens.of(contact, form)), 422


@bp.route("/<int:number>/edit", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(number: int) -> Page:
    """Change how two know each other."""
    row = found(number)
    form = AcquaintanceForm(obj=row)
    if form.saves(row, acquaintances.edit):
        db.session.commit()
        flash("Saved.", "success")
        return redirect(screens.home(row.contact_id))
    return render_template("influencers/network/edit.html", form=form, row=row, home=screens.home), form.status


@bp.route("/<int:number>/remove", methods=["POST"])
@requires("influencers.edit")
def remove(number: int) -> Response:
    """Remove it."""
    row = found(number)
    acquaintances.remove(row)
    db.session.commit()
    flash(f"Removed: {row.knower.name} knows {row.contact.name}.", "success")
    return redirect(screens.home(row.contact_id))


@bp.route("/asked/<int:influencer_id>", methods=["POST"])
@requires("influencers.edit")
def ask(influencer_id: int) -> Response:
    """Ask new supporters whether they know the influencer."""
    return _named(influencer_id, True)


@bp.route("/asked/<int:influencer_id>/stop", methods=["POST"])
@requires("influencers.edit")
def ask_no_more(influencer_id: int) -> Response:
    """Ask them no more."""
    return _named(influencer_id, False)


def _named(influencer_id: int, named: bool) -> Response:
    influencer = find_influencer(influencer_id) or abort(404)
    try:
        asking.name(influencer, named, current_user)
    except Refused as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(
            f"New supporters are {'asked' if named else 'no more asked'} whether they know {influencer.name}.",
            "success",
        )
    return redirect(screens.home(influencer.contact_id))


def found(number: int) -> Acquaintance:
    """Return the acquaintance, where whoever looks may change it; answer that there is no such page otherwise."""
    return acquaintances.find(number, current_user) or abort(404)
