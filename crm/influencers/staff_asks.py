"""Pages of asks: the ledger, an ask with its history, its steps."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from crm.base import clock, pages
from crm.base.changes import Collision, untouched
from crm.base.guards import requires
from crm.extensions import db
from crm.influencers import access, asks, directory, ledger, screens
from crm.influencers.changes import in_words
from crm.influencers.evidence import filing
from crm.influencers.evidence import staff as evidence
from crm.influencers.forms import AskEditForm, AskForm, StepForm
from crm.influencers.models import Ask, AskChange, Influencer
from crm.influencers.saved_filters import saving

bp = Blueprint("asks_staff", __name__, url_prefix="/staff/asks")

bp.url_value_preprocessor(evidence.read_what_is_too_large)

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("influencers.see")
def index() -> str:
    """Show the ledger of asks."""
    wanted = screens.filters(ledger.FILTERS)
    sort, order = request.args.get("sort", "due"), request.args.get("order", "asc")
    query = ledger.find(wanted, clock.today(current_user.zone), sort, order, user=current_user)
    page = pages.paginate(query, request.args.get("page", 1, type=int), by=Ask.id)
    return render_template(
        "influencers/ledger.html",
        page=page,
        wanted=wanted,
        sort=sort,
        order=order,
        counts=ledger.counts(current_user),
        payers=directory.organizations("Any"),
        saved=saving.seen(current_user),
        filed=filing.having([row.id for row in page.rows]),
        **screens.choices(),
    )


@bp.route("/new/<int:influencer_id>", methods=["GET", "POST"])
@requires("influencers.edit")
def new(influencer_id: int) -> Page:
    """Plan an ask."""
    influencer = screens.find(influencer_id) or abort(404)
    form = AskForm(owner_id=influencer.owner_id or current_user.id)
    if form.validate_on_submit():
        try:
            ask = asks.plan(influencer, form.values(), current_user)
        except asks.Refused as refusal:
            form.refuse(refusal.field, str(refusal))
        else:
            db.session.commit()
            flash("The ask is planned.", "success")
            return redirect(url_for(".show", ask_id=ask.id))
    return render_template("influencers/ask_new.html", form=form, influencer=influencer)


@bp.route("/<int:ask_id>")
@requires("influencers.see")
def show(ask_id: int) -> str:
    """Show an ask, what can come next, and its history."""
    return screens.ask_page(_found(ask_id))


@bp.route("/<int:ask_id>/edit", methods=["GET", "POST"])
@requires("influencers.edit")
def edit(ask_id: int) -> Page:
    """Edit an ask; where somebody else did meanwhile, show theirs and keep what was typed."""
    ask = _found(ask_id)
    form = AskEditForm(ask)
    theirs = []
    if form.validate_on_submit():
        try:
            asks.edit(ask, form.values(), current_user, form.opened_on)
            db.session.commit()
            return redirect(url_for(".show", ask_id=ask.id))
        except Collision as collision:
            theirs = collision.changes
            form.show_again(ask.version, untouched(form.values(), [ask], theirs))
        except asks.Refused as refusal:
            form.refuse(refusal.field, str(refusal))
    page = render_template(
        "influencers/ask_edit.html", form=form, ask=ask, theirs=theirs, in_words=in_words, ask_states=asks.STATES
    )
    return page, 409 if theirs else 200


@bp.route("/<int:ask_id>/to/<state>", methods=["POST"])
@requires("influencers.edit")
def advance(ask_id: int, state: str) -> Page:
    """Take the ask a step on, or back."""
    ask, form = _found(ask_id), StepForm(prefix=state)
    if not form.validate():
        return screens.ask_page(ask, tried=form, tried_state=state), 422
    try:
        with filing.offered(form.file.data) as file:
            asks.advance(ask, state, current_user, expected_version=form.opened_on, file=file, **form.values())
            db.session.commit()
    except Collision as collision:
        form.show_again(ask.version, {})
        return screens.ask_page(ask, tried=form, tried_state=state, theirs=collision.changes), 409
    except asks.Refused as refusal:
        form.refuse(refusal.field, str(refusal))
        return screens.ask_page(ask, tried=form, tried_state=state), 422
    flash(f"The ask is {asks.STATES[state].lower()} now.", "success")
    return redirect(url_for(".show", ask_id=ask.id))


@bp.route("/<int:ask_id>/public", methods=["POST"])
@requires("influencers.edit")
def allow_public(ask_id: int) -> Response:
    """Let the ask appear in public, or make it private again: as those decide who ask."""
    ask = _found(ask_id)
    if ask.organization_id != current_user.organization_id:
        abort(403)
    allowed = request.form.get("allowed") == "yes"
    asks.allow_public(ask, allowed, current_user)
    db.session.commit()
    flash("The ask may be public now." if allowed else "The ask is private again.", "success")
    return redirect(url_for(".show", ask_id=ask.id))


def _found(ask_id: int) -> Ask:
    query = select(Ask).where(Ask.id == ask_id, access.asks(current_user))
    named = (Ask.owner, Ask.campaign, Ask.paid_by, Ask.public_by)
    query = query.options(
        *(joinedload(one) for one in named),
        joinedload(Ask.influencer).joinedload(Influencer.contact),
        selectinload(Ask.history).joinedload(AskChange.user),
    )
    return db.session.scalar(query) or abort(404)
