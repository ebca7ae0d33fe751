"""Pages of influencers: list and profile."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.accounts.models import User
from crm.base import clock, pages
from crm.base.changes import Collision, Refused, untouched
from crm.base.forms import row_number, row_or_none
from crm.base.guards import requires
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import access, bulk, chronicle, listing, owning, profiles, screens, today
from crm.influencers.changes import in_words
from crm.influencers.forms import NewInfluencerForm, ProfileForm, ReleaseForm
from crm.influencers.models import Influencer

bp = Blueprint("influencers_staff", __name__, url_prefix="/staff/influencers")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("influencers.see")
def index() -> str:
    """List influencers, filtered and sorted."""
    wanted = screens.filters(listing.FILTERS)
    sort, order = request.args.get("sort", "name"), request.args.get("order", "asc")
    query = listing.find(wanted, sort, order, user=current_user)
    page = pages.paginate(query, request.args.get("page", 1, type=int), by=Influencer.id)
    day = clock.today(current_user.zone)
    return render_template(
        "influencers/index.html",
        page=page,
        wanted=wanted,
        sort=sort,
        order=order,
        last=today.last_interactions((row.contact_id for row in page.rows), day, current_user),
        asked=listing.open_asks(page.rows, current_user),
        **screens.choices(),
    )


@bp.route("/new", methods=["GET", "POST"])
@requires("influencers.edit")
def new() -> Page:
    """Add somebody new, or make a contact an influencer."""
    form = NewInfluencerForm(**screens.beginnings(request.args.get("contact", type=row_or_none)))
    if form.validate_on_submit():
        contact = _meant(form)
        known = profiles.of(contact)
        if known is None or access.seen(current_user, [known]):
            influencer = known or profiles.add(contact, form.profile(), current_user)
            db.session.commit()
            flash(f"{influencer.name} {'was an influencer already' if known else 'is an influencer now'}.", "success")
            return redirect(url_for(".show", influencer_id=influencer.id))
        form.refuse("", "This person cannot be added here. Ask the staff of the coalition.")
    return render_template("influencers/new.html", form=form)


@bp.route("/owner", methods=["POST"])
@requires("influencers.edit")
def give() -> Response:
    """Give the influencers ticked in the list to an owner."""
    ticked = [row_number(one) for one in request.form.getlist("id")]
    owner = db.session.get(User, row_number(request.form.get("owner_id", "")))
    try:
        given = owning.give(ticked, owner, current_user)
    except Refused as refusal:
        flash(str(refusal), "error")
    else:
        db.session.commit()
        said = f"{owner.name if owner else 'Nobody'} owns {given} more of them now."
        flash(said if ticked else "Nobody is ticked. Tick influencers in the list.", "success" if ticked else "error")
    return redirect(f"{url_for('.index')}?{request.query_string.decode('ascii', 'ignore')}".rstrip("?"))


@bp.route("/<int:influencer_id>")
@requires("influencers.see")
def show(influencer_id: int) -> str:
    """Show a profile: facts, stage, asks, interactions."""
    return screens.profile(_found(influencer_id))


@bp.route("/<int:influencer_id>/history")
@requires("influencers.see")
def history(influencer_id: int) -> str:
    """Show what happened with the profile."""
    influencer = _found(influencer_id)
    return render_template("influencers/history.html", influencer=influencer, events=chronicle.of(influencer))


@bp.route("/<int:influencer_id>/edit", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(influencer_id: int) -> Page:
    """Edit the facts; where somebody else did meanwhile, show theirs and keep what was typed."""
    influencer = _found(influencer_id)
    form = ProfileForm(**screens.profile_values(influencer))
    if not access.may_hide(current_user, influencer):
        del form.organization_id
    theirs = []
    if form.validate_on_submit():
        try:
            profiles.edit(influencer, form.values(), current_user, form.opened_on)
        except Collision as collision:
            theirs = collision.changes
            merged = untouched(form.values(), [influencer, influencer.contact], theirs)
            form.show_again(influencer.version, merged)
        else:
            db.session.commit()
            flash("Saved.", "success")
            return redirect(url_for(".show", influencer_id=influencer.id))
    page = render_template("influencers/edit.html", form=form, influencer=influencer, theirs=theirs, in_words=in_words)
    return page, 409 if theirs else 200


@bp.route("/<int:influencer_id>/release", methods=["POST"])
@requires("influencers.edit")
def release(influencer_id: int) -> Page:
    """Let calls to action and sharing tools reach the influencer."""
    influencer, form = _found(influencer_id), ReleaseForm(prefix="release")
    if not bulk.may_release(influencer, current_user):
        abort(403)
    if not form.validate():
        return screens.profile(influencer, release_form=form), 422
    bulk.release(influencer, current_user, form.reason.data or "")
    db.session.commit()
    flash(f"Bulk mail may reach {influencer.name} now.", "success")
    return redirect(url_for(".show", influencer_id=influencer.id))


@bp.route("/<int:influencer_id>/hold", methods=["POST"])
@requires("influencers.edit")
def hold(influencer_id: int) -> Response:
    """Hold the influencer out of calls to action and sharing tools again."""
    influencer = _found(influencer_id)
    bulk.hold(influencer, current_user)
    db.session.commit()
    flash(f"{influencer.name} is held out of bulk mail again.", "success")
    return redirect(url_for(".show", influencer_id=influencer.id))


def _meant(form: NewInfluencerForm) -> Contact:
    """Return the contact that the form names, or that has its address, or a new one."""
    contact = db.session.get(Contact, row_number(form.contact_id.data or ""))
    return contact or profiles.new_contact(form.email.data, form.person(), ("staff", "Added by staff"))


def _found(influencer_id: int) -> Influencer:
    return screens.find(influencer_id) or abort(404)
