"""Pages of digests."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from crm.base import clock, wall_clock
from crm.base.changes import Collision, Refused
from crm.base.forms import row_number
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.contacts.topics import present_default
from crm.extensions import db
from crm.mailings.digests import editing, gathering, making, moments
from crm.mailings.digests.forms import DigestForm
from crm.mailings.digests.models import STATES, Digest, DigestIssue
from crm.organizations import coalition

bp = Blueprint("digests_staff", __name__, url_prefix="/staff/digests")
Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """List the digests."""
    digests = db.session.scalars(select(Digest).order_by(Digest.name)).all()
    return render_template("mailings/digests/index.html", digests=digests, states=STATES, next_of=_next)


@bp.route("/new", methods=["GET", "POST"])
@requires("mailings.edit")
def new() -> Page:
    """Begin a digest."""
    topic = present_default()
    where = {"zone": coalition.zone(), "topic_id": topic.id if topic else None}
    return _save(Digest(state="draft", rhythm="weekly", weekday=0, monthday=1, minute=540, **where))


@bp.route("/<int:digest_id>/edit", methods=["GET", "POST"])
@requires("mailings.edit")
def edit(digest_id: int) -> Page:
    """Change when it comes, to whom, and its words."""
    return _save(_find(digest_id))


@bp.route("/<int:digest_id>")
@requires("mailings.see")
def show(digest_id: int) -> str:
    """Show when it comes next, what it would say by now, and what became of each time before."""
    digest, now = _find(digest_id), clock.now()
    query = select(DigestIssue).where(DigestIssue.digest_id == digest.id).order_by(DigestIssue.due_at.desc())
    page = paginate(query, request.args.get("page", 1, type=int))
    since = making.told_since(digest, moments.following(digest, now))
    main = next(iter(gathering.languages(digest)), "en")
    values = {"digest": digest, "page": page, "since": since, "found": gathering.new_between(since, now, main)}
    values |= {"states": STATES, "next_on": _next(digest), "tell": lambda at: wall_clock.tell(at, digest.zone)}
    return render_template("mailings/digests/show.html", **values)


@bp.route("/<int:digest_id>/start", methods=["POST"])
@requires("mailings.send")
def start(digest_id: int) -> Response:
    """Let it come from its next day on."""
    opened_on = row_number(request.form.get("version", ""))
    return _act(digest_id, lambda digest: editing.start(digest, current_user, opened_on), "It is live.")


@bp.route("/<int:digest_id>/pause", methods=["POST"])
@requires("mailings.send")
def pause(digest_id: int) -> Response:
    """Make no more of it for now."""
    return _act(digest_id, editing.pause, "Paused. None is made until you start it again.")


@bp.route("/<int:digest_id>/delete", methods=["POST"])
@requires("mailings.edit")
def delete(digest_id: int) -> Response:
    """Delete one that is not live."""
    return _act(digest_id, editing.delete, "Deleted. The mailings that it made stay.", there=lambda: url_for(".index"))


def _save(digest: Digest) -> Page:
    form = DigestForm(digest)
    if form.saves(digest, editing.save):
        db.session.commit()
        flash(f"{digest.name} is saved.")
        return redirect(url_for(".show", digest_id=digest.id))
    title = digest.name if digest.id else "New digest"
    return render_template("mailings/digests/edit.html", form=form, digest=digest, title=title), form.status


def _act(digest_id: int, act: Callable[[Digest], Any], done: str, there: Callable[[], str] | None = None) -> Response:
    try:
        act(_find(digest_id))
    except (Refused, Collision) as refusal:
        db.session.rollback()
        changed = "Somebody changed this digest since you looked at it. Look at it again before you start it."
        flash(changed if isinstance(refusal, Collision) else str(refusal), "error")
        return redirect(url_for(".show", digest_id=digest_id))
    db.session.commit()
    flash(done)
    return redirect(there() if there else url_for(".show", digest_id=digest_id))


def _find(digest_id: int) -> Digest:
    return db.session.get(Digest, digest_id) or abort(404)


def _next(digest: Digest) -> str:
    return wall_clock.tell(moments.following(digest, clock.now()), digest.zone)
