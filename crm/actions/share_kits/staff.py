"""Pages where staff write the texts of a kit, and see what came of them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from werkzeug.wrappers import Response

from crm.actions import addresses
from crm.actions.models import Action
from crm.actions.share_kits import counting, kit
from crm.actions.share_kits.channels import CHANNELS
from crm.actions.share_kits.forms import ShareTextForm
from crm.actions.share_kits.models import ShareText
from crm.base import audit, changes
from crm.base.guards import requires
from crm.base.public_pages import public_url
from crm.extensions import db

bp = Blueprint("share_kits_staff", __name__, url_prefix="/staff/actions/<int:action_id>/kit")

Page = str | Response | tuple[str, int]
THING = "share_text"


@bp.route("/")
@requires("actions.see")
def index(action_id: int) -> str:
    """List the texts, with what came of each and of each member's sharing."""
    action, texts = _kit(action_id), kit.texts(action_id)
    values: dict[str, Any] = {"texts": texts, "by_text": counting.by_text(texts), "content": counting.content}
    values |= {"members": counting.by_member(texts), "channels": CHANNELS}
    values |= {"page_url": public_url(addresses.page(action)), "supporters": counting.SUPPORTERS}
    return render_template("actions/share_kits/index.html", action=action, **values)


@bp.route("/new", methods=["GET", "POST"])
@requires("actions.edit")
def new(action_id: int) -> Page:
    """Write a text."""
    return _save(ShareText(action_id=_kit(action_id).id), ShareTextForm())


@bp.route("/<int:text_id>", methods=["GET", "POST"])
@requires("actions.edit")
def edit(action_id: int, text_id: int) -> Page:
    """Change a text; its links stay what they are."""
    said = _found(action_id, text_id)
    return _save(said, ShareTextForm(obj=said))


@bp.route("/<int:text_id>/delete", methods=["POST"])
@requires("actions.edit")
def delete(action_id: int, text_id: int) -> Response:
    """Delete a text with its counts."""
    said = _found(action_id, text_id)
    audit.record("delete", THING, said.id, text=[said.text, None])
    db.session.delete(said)
    db.session.commit()
    flash("The text is deleted.", "success")
    return redirect(url_for(".index", action_id=action_id))


def _save(said: ShareText, form: ShareTextForm) -> Page:
    if form.saves(said, _keep):
        db.session.commit()
        flash("The text is saved.", "success")
        return redirect(url_for(".index", action_id=said.action_id))
    action = _kit(said.action_id)
    return render_template("actions/share_kits/edit.html", form=form, action=action, said=said), form.status


def _keep(said: ShareText, values: Mapping[str, Any], opened_on: int) -> None:
    if said.id is not None:
        changes.claim(said, THING, opened_on)
    changes.keep(said, THING, values)


def _kit(action_id: int) -> Action:
    action = db.session.get(Action, action_id)
    if action is None or action.kind != "share_kit":
        abort(404)
    return action


def _found(action_id: int, text_id: int) -> ShareText:
    said = db.session.get(ShareText, text_id)
    if said is None or said.action_id != action_id:
        abort(404)
    return said
