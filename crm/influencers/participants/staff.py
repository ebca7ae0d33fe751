"""Pages of an interaction: all that one may know of it, its edits, and its calendar file."""

from flask import Blueprint, Response, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as AnyResponse

from crm.base import clock
from crm.base.changes import Collision, Refused, untouched
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import access, approaches, interactions, profiles
from crm.influencers.access import OPENNESS
from crm.influencers.inbound import keeping
from crm.influencers.models import Influencer, Interaction
from crm.influencers.participants import calendar_file, editing, taking_part
from crm.influencers.participants.forms import InteractionEditForm

bp = Blueprint("interaction_staff", __name__, url_prefix="/staff/interactions")

Page = str | AnyResponse | tuple[str, int]


@bp.route("/<int:interaction_id>")
@requires("influencers.see")
def show(interaction_id: int) -> str:
    """Show an interaction as far as whoever looks may know of it, with its edits and the mail that it is of."""
    one = _found(interaction_id)
    own, day = one.organization_id == current_user.organization_id, clock.today(current_user.zone)
    return render_template(
        "influencers/participants/show.html",
        one=one,
        own=own,
        people=taking_part.seen([one], current_user).get(one.id, []),
        editable=editing.may_edit(one, current_user),
        changes=editing.changes_of(one) if own else [],
        mail=keeping.of(one) if own else None,
        offered=calendar_file.is_offered(one, day),
        kinds=interactions.KINDS,
        openness=OPENNESS,
        in_words=editing.in_words,
        today=day,
    )


@bp.route("/<int:interaction_id>/edit", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(interaction_id: int) -> Page:
    """Edit an interaction; where somebody else did meanwhile, show theirs and keep what was typed."""
    one = _found(interaction_id)
    if not editing.may_edit(one, current_user):
        abort(404)
    form, theirs, near = InteractionEditForm(one), [], []
    if form.validate_on_submit():
        try:
            if not (near := _not_shown(one, form)):
                editing.edit(one, form.values(), current_user, form.opened_on)
                db.session.commit()
                flash("Saved.", "success")
                return redirect(url_for(".show", interaction_id=one.id))
        except Collision as collision:
            theirs = collision.changes
            form.show_again(one.version, untouched(form.values(), [one, editing.shown(one)], theirs))
        except Refused as refusal:
            form.refuse(refusal.field, str(refusal))
    return _edit_page(one, form, theirs, near)


@bp.route("/<int:interaction_id>/calendar.ics")
@requires("influencers.see")
def calendar(interaction_id: int) -> Response:
    """Download a meeting for one's calendar."""
    one = _found(interaction_id)
    if not calendar_file.is_offered(one, clock.today(current_user.zone)):
        abort(404)
    names = [person.name for person in taking_part.seen([one], current_user).get(one.id, [])]
    changes, own = editing.changes_of(one), one.organization_id == current_user.organization_id
    file = calendar_file.of(one, names, changes[-1].at if changes else one.created_at, private=own)
    named = {"Content-Disposition": f'attachment; filename="interaction-{one.id}.ics"'}
    return Response(file, content_type="text/calendar; charset=utf-8", headers=named)


def _found(interaction_id: int) -> Interaction:
    return editing.find(interaction_id, current_user) or abort(404)


def _influencer(one: Interaction) -> Influencer | None:
    """Return the influencer whom it is with; None where another member keeps the person for itself."""
    found = profiles.of(one.contact)
    return found if found and access.seen(current_user, [found]) else None


def _not_shown(one: Interaction, form: InteractionEditForm) -> list[approaches.Approach]:
    """Return the approaches of others beside the days or people that this edit brings, where it did not show them."""
    influencer, typed = _influencer(one), form.participants.data or ""
    before = [one.next_step_due] if one.kind == approaches.NO_APPROACH else [one.held_on, one.next_step_due]
    known = {contact.id for contact in taking_part.of(one).contacts}
    added = any(other.contact_id not in known for other in approaches.named(typed, current_user))
    days = [day for day in form.days if added or day not in before]
    if influencer is None or not days:
        return []
    near = approaches.to_all(influencer, typed, current_user, days, clock.today(current_user.zone))
    return near if form.show_approaches(near) else []


def _edit_page(
    one: Interaction, form: InteractionEditForm, theirs: list[object], near: list[approaches.Approach]
) -> tuple[str, int]:
    influencer = _influencer(one)
    page = render_template(
        "influencers/participants/edit.html",
        one=one,
        form=form,
        theirs=theirs,
        in_words=editing.in_words,
        near=near,
        warned=True,
        unsaved="Nothing is saved yet.",
        influencer=influencer,
        coordinator=approaches.coordinator(influencer) if near and influencer else None,
    )
    if form.errors:
        return page, 422
    return page, 409 if theirs or near else 200
