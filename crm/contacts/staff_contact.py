"""Staff pages of one person: profile, subscriptions, consent, timeline."""

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import joinedload
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.contacts import bringing, by_hand, districts, marks, status, subscriptions, tagging, timeline, topics
from crm.contacts.custom_fields import answers
from crm.contacts.forms_staff import ProfileForm, ReasonForm, TagForm, UnsubscribeForm
from crm.contacts.merging import former
from crm.contacts.models import ConsentRecord, Contact, Subscription, TimelineEntry
from crm.delivery import suppression
from crm.extensions import db

bp = Blueprint("contact_staff", __name__, url_prefix="/staff/people/<int:contact_id>")

Page = str | Response | tuple[str, int]
NEWEST = 100


@bp.route("/")
@requires("contacts.see")
def show(contact_id: int) -> Page:
    """Show everything on record of a person; a record that is part of another one now leads there."""
    here = db.session.get(Contact, contact_id, options=[joinedload(Contact.tags)])
    contact = here or former.contact(contact_id) or abort(404)
    return _page(contact) if contact.id == contact_id else redirect(url_for(".show", contact_id=contact.id))


@bp.route("/edit", methods=["GET", "POST"])
@requires("contacts.edit")
def edit(contact_id: int) -> Page:
    """Change the profile; what somebody else changed meanwhile is shown instead of overwritten."""
    contact = _found(contact_id, lock=True)
    form = ProfileForm(obj=contact)
    changed: dict[str, str] = {}
    if form.validate_on_submit():
        changed = by_hand.changed_meanwhile(contact, form.remembered())
        if not changed:
            by_hand.change(contact, form.profile())
            db.session.commit()
            flash("Saved.", "success")
            return redirect(url_for(".show", contact_id=contact.id))
    if not form.is_submitted() or changed:
        form.remember(contact)
    return render_template("contacts/staff/edit.html", form=form, contact=contact, changed=changed)


@bp.route("/tags", methods=["POST"])
@requires("contacts.edit")
def tag(contact_id: int) -> Response:
    """Add a tag, or take one away."""
    contact, form = _found(contact_id), TagForm()
    if not form.validate():
        flash("Enter a tag of at most 200 characters.", "error")
    elif request.form.get("do") == "remove":
        tagging.remove([contact.id], form.tag.data)
    else:
        tagging.add([contact.id], form.tag.data)
    return redirect(url_for(".show", contact_id=contact_id, _anchor="tags"))


@bp.route("/unsubscribe", methods=["POST"])
@requires("contacts.edit")
def unsubscribe(contact_id: int) -> Page:
    """Unsubscribe somebody who asked for it."""
    contact = _found(contact_id, lock=True)
    form = UnsubscribeForm(topics.everything())
    if not form.validate_on_submit():
        return _page(contact, unsubscribe=form)
    chosen = next(iter(subscriptions.named([form.topic.data])), None)
    by_hand.unsubscribe(contact, chosen, form.reason.data)
    db.session.commit()
    flash(f"{contact.name} is unsubscribed from {chosen.name() if chosen else 'all mail'}.", "success")
    return redirect(url_for(".show", contact_id=contact_id))


@bp.route("/lift", methods=["POST"])
@requires("contacts.suppress")
def lift(contact_id: int) -> Page:
    """Lift the block after a hard bounce, with a reason."""
    contact = _found(contact_id, lock=True)
    form = ReasonForm()
    if not form.validate_on_submit():
        return _page(contact, lift=form)
    try:
        by_hand.lift_bounce(contact, form.why.data)
    except by_hand.Refused as error:
        flash(str(error), "error")
    else:
        db.session.commit()
        flash("The address can get mail again.", "success")
    return redirect(url_for(".show", contact_id=contact_id))


def _page(contact: Contact, **forms: UnsubscribeForm | ReasonForm) -> str:
    standing = status.of([contact])[contact.id]
    refused = next(iter(forms.values()), None)
    district, district_warning = districts.told(contact.zip_code)
    merged = former.of(contact)
    return render_template(
        "contacts/staff/contact.html",
        contact=contact,
        district=district,
        district_warning=district_warning,
        status=standing,
        brought_by=bringing.who_brought(contact),
        brought=bringing.number_by(contact, merged),
        marks=marks.of([contact.id]).get(contact.id, ()),
        reasons=status.REASONS,
        bounced=standing.blocked.get(suppression.EVERY_LIST) == "hard_bounce",
        subscribed=_subscriptions(contact),
        records=_consent(contact),
        happened=_timeline(contact),
        merged=merged,
        answered=answers.shown(contact.id),
        newest=NEWEST,
        tag_form=TagForm(formdata=None),
        unsubscribe_form=forms.get("unsubscribe") or UnsubscribeForm(topics.everything(), formdata=None),
        lift_form=forms.get("lift") or ReasonForm(formdata=None),
        form=refused,
    )


def _found(contact_id: int, *, lock: bool = False) -> Contact:
    return db.session.get(Contact, contact_id, with_for_update=lock or None) or abort(404)


def _subscriptions(contact: Contact) -> Sequence[Subscription]:
    query = select(Subscription).where(Subscription.contact_id == contact.id).options(joinedload(Subscription.topic))
    return sorted(db.session.scalars(query), key=lambda subscription: subscription.topic.position)


def _consent(contact: Contact) -> Sequence[ConsentRecord]:
    query = select(ConsentRecord).where(ConsentRecord.contact_id == contact.id)
    query = query.options(joinedload(ConsentRecord.wording)).order_by(ConsentRecord.id.desc())
    return db.session.scalars(query.limit(NEWEST)).all()


def _timeline(contact: Contact) -> Sequence[TimelineEntry]:
    query = select(TimelineEntry).where(
        TimelineEntry.contact_id == contact.id, timeline.seen_by(current_user.organization_id)
    )
    return db.session.scalars(query.order_by(TimelineEntry.at.desc(), TimelineEntry.id.desc()).limit(NEWEST)).all()
