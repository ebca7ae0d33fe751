"""Pages that find two records of one person, and make them one."""

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.guards import requires
from crm.contacts.merging import comparing, copies, former, pairs, uniting
from crm.contacts.merging.forms import MergeForm
from crm.contacts.models import Contact
from crm.extensions import db

bp = Blueprint("merging_staff", __name__, url_prefix="/staff/people")

Page = str | Response | tuple[str, int]
CHANGED = "Somebody changed one of the two records meanwhile. Nothing was merged; look again at what stands there now."


@bp.route("/duplicates")
@requires("contacts.edit")
def duplicates() -> str:
    """List people who may be on record twice."""
    found = pairs.found(current_user)
    return render_template("contacts/staff/merging/duplicates.html", pairs=found, most=pairs.SHOWN)


@bp.route("/duplicates/<int:contact_id>/<int:other_id>/apart", methods=["POST"])
@requires("contacts.edit")
def tell_apart(contact_id: int, other_id: int) -> Response:
    """Keep that two records are two people."""
    one, other = _found(contact_id), _found(other_id)
    if one is not other:
        pairs.tell_apart(one, other)
        db.session.commit()
        flash(f"{one.name} and {other.name} are two people, and are not offered again.", "success")
    return redirect(url_for(".duplicates"))


@bp.route("/<int:contact_id>/merge")
@requires("contacts.edit")
def search(contact_id: int) -> str:
    """Search the other record of a person."""
    contact, words = _found(contact_id), request.args.get("q", "").strip()[:200]
    return render_template(
        "contacts/staff/merging/search.html",
        contact=contact,
        words=words,
        found=pairs.named(words, contact, current_user),
        alike=[] if words else pairs.of(contact, current_user),
        most=pairs.SHOWN,
    )


@bp.route("/<int:contact_id>/merge/<int:other_id>")
@requires("contacts.edit")
def compare(contact_id: int, other_id: int) -> Page:
    """Show two records side by side."""
    if contact_id == other_id:
        return redirect(url_for(".search", contact_id=contact_id))
    return _page(_found(contact_id), _found(other_id))


@bp.route("/<int:contact_id>/merge/<int:other_id>", methods=["POST"])
@requires("contacts.edit")
def merge(contact_id: int, other_id: int) -> Page:
    """Make one record of two."""
    form = MergeForm()
    try:
        kept, gone = uniting.locked(contact_id, other_id, current_user)
        offered = comparing.choices(kept, gone)
        if not form.validate() or form.seen.data != comparing.digest(kept, gone, offered):
            return _page(kept, gone, request.form, CHANGED), 409
        merged = uniting.merge(contact_id, other_id, form.of_gone(offered, request.form), current_user)
    except Refused as refusal:
        return _refused(contact_id, other_id, str(refusal))
    db.session.commit()
    copies.settle_again(merged)
    db.session.commit()
    flash("The two records are one now. Links and addresses of both lead here.", "success")
    return redirect(url_for("contact_staff.show", contact_id=merged.contact_id))


def _refused(contact_id: int, other_id: int, why: str) -> Page:
    """Say why not beside the two records, or, where one of them is gone, on the page of what it became."""
    db.session.rollback()
    kept, gone = (uniting.find(number, current_user) for number in (contact_id, other_id))
    if kept and gone and kept is not gone:
        return _page(kept, gone, request.form, why), 422
    there = former.contact(contact_id)
    if why == uniting.UNKNOWN or there is None or uniting.find(there.id, current_user) is None:
        abort(404)
    flash(why, "error")
    return redirect(url_for("contact_staff.show", contact_id=there.id))


def _page(kept: Contact, gone: Contact, typed: object = None, problem: str = "") -> str:
    offered = comparing.choices(kept, gone)
    form = MergeForm(formdata=None, seen=comparing.digest(kept, gone, offered))
    return render_template(
        "contacts/staff/merging/compare.html",
        kept=kept,
        gone=gone,
        form=form,
        choices=offered,
        differing=comparing.differing(offered),
        counts=comparing.counts(gone, current_user),
        subscribed=(comparing.subscribed(kept), comparing.subscribed(gone)),
        typed=typed or {},
        problem=problem,
    )


def _found(contact_id: int) -> Contact:
    return uniting.find(contact_id, current_user) or abort(404)
