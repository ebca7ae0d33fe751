"""Pages of the inbox that the staff share: the list, a thread, and what is done with it."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.base.changes import Refused
from crm.base.forms import row_or_none
from crm.base.guards import requires
from crm.base.pages import paginate
from crm.extensions import db
from crm.mailings.models import Mailing
from crm.mailings.replies import answering, following, forgetting, threads
from crm.mailings.replies.forms import AnswerForm, AssignForm
from crm.mailings.replies.models import MailingReply, ReplyThread

bp = Blueprint("replies_staff", __name__, url_prefix="/staff/replies")

Page = str | Response | tuple[str, int]
PER_PAGE = 25


@bp.route("/")
@requires("mailings.see")
def index() -> str:
    """List the replies under a tab, perhaps those to one mailing."""
    tab = request.args.get("tab", "")
    tab = tab if tab in threads.TABS else threads.OPEN
    number = request.args.get("mailing", type=row_or_none)
    mailing = db.session.get(Mailing, number) or abort(404) if number else None
    found = threads.listed(tab, current_user, mailing)
    page = paginate(found, request.args.get("page", 1, type=int), per_page=PER_PAGE)
    return render_template(
        "mailings/replies/index.html",
        page=page,
        tab=tab,
        tabs=threads.TABS,
        counts=threads.counts(current_user, mailing),
        mailing=mailing,
        last=threads.last_replies(page.rows),
        hidden=threads.hidden(page.rows, current_user),
        owned=threads.owned(page.rows, current_user),
        titled=threads.titled,
    )


@bp.route("/<int:thread_id>")
@requires("mailings.see")
def show(thread_id: int) -> str:
    """Show what somebody wrote back, and what was answered."""
    return _page(_found(thread_id))


@bp.route("/<int:thread_id>/answer", methods=["POST"])
@requires("mailings.edit")
def answer(thread_id: int) -> Page:
    """Send an answer."""
    thread, form = _found(thread_id), AnswerForm()
    if not form.validate():
        return _page(thread, form), 422
    try:
        answering.answer(
            thread, form.text.data or "", current_user, opened_on=form.opened_on, done=bool(form.done.data)
        )
    except Refused as refusal:
        db.session.rollback()
        thread = _found(thread_id)
        form.refuse(refusal.field, str(refusal))
        form.show_again(thread.version, {})
        return _page(thread, form), 409
    db.session.commit()
    flash("Your answer is on its way.", "success")
    return redirect(url_for(".show", thread_id=thread_id))


@bp.route("/<int:thread_id>/assign", methods=["POST"])
@requires("mailings.edit")
def assign(thread_id: int) -> Page:
    """Give the thread to somebody, or to nobody."""
    thread, form = _found(thread_id), AssignForm(threads.helpers())
    if not form.validate():
        return _page(thread, assign_form=form), 422
    threads.assign(thread, form.assignee_id.data)
    db.session.commit()
    flash(f"Assigned to {thread.assignee.name}." if thread.assignee else "Assigned to nobody.", "success")
    return redirect(url_for(".show", thread_id=thread_id))


@bp.route("/<int:thread_id>/done", methods=["POST"])
@requires("mailings.edit")
def settle(thread_id: int) -> Response:
    """Mark the thread as done, and go on with the others."""
    threads.move(_found(thread_id), threads.DONE)
    db.session.commit()
    flash("Marked as done.", "success")
    return redirect(url_for(".index"))


@bp.route("/<int:thread_id>/open", methods=["POST"])
@requires("mailings.edit")
def reopen(thread_id: int) -> Response:
    """Put the thread among the open ones."""
    threads.move(_found(thread_id), threads.OPEN)
    db.session.commit()
    flash("It stands among the open ones.", "success")
    return redirect(url_for(".show", thread_id=thread_id))


@bp.route("/<int:thread_id>/unsubscribe", methods=["POST"])
@requires("contacts.edit")
def unsubscribe(thread_id: int) -> Response:
    """Unsubscribe the writer from all mailings."""
    thread = _found(thread_id)
    return _do(thread, lambda: f"{following.leave(thread).name} is unsubscribed from all mailings.")


@bp.route("/<int:thread_id>/log/<int:reply_id>", methods=["POST"])
@requires("influencers.edit")
def log(thread_id: int, reply_id: int) -> Response:
    """Log a reply of an influencer."""
    thread = _found(thread_id)
    reply = db.session.get(MailingReply, reply_id)
    if reply is None or reply.thread_id != thread.id:
        abort(404)
    return _do(thread, lambda: f"Logged with {following.log(reply, current_user).contact.name}.")


@bp.route("/<int:thread_id>/forget", methods=["POST"])
@requires("mailings.edit")
def forget(thread_id: int) -> Response:
    """Forget a thread for good."""
    thread = _found(thread_id)
    try:
        forgetting.forget(thread)
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
        return redirect(url_for(".show", thread_id=thread_id))
    db.session.commit()
    flash("It is forgotten.", "success")
    return redirect(url_for(".index"))


def _do(thread: ReplyThread, act: Callable[[], str]) -> Response:
    """Do it, and go back to the thread with a word of what was done, or why it was not."""
    thread_id = thread.id
    try:
        done = act()
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "error")
    else:
        db.session.commit()
        flash(done, "success")
    return redirect(url_for(".show", thread_id=thread_id))


def _found(thread_id: int) -> ReplyThread:
    return threads.find(thread_id) or abort(404)


def _page(thread: ReplyThread, form: AnswerForm | None = None, assign_form: AssignForm | None = None) -> str:
    helpers = threads.helpers()
    to = answering.answered(thread)
    return render_template(
        "mailings/replies/show.html",
        thread=thread,
        told=threads.told(thread),
        standings=answering.standings(thread),
        to=to.address if to else "",
        answer_form=form or AnswerForm(formdata=None, data={"version": thread.version, "done": True}),
        assign_form=assign_form or AssignForm(helpers, formdata=None, data={"assignee_id": thread.assignee_id}),
        form=form or assign_form,
        influencer=following.influencer(thread, current_user),
        hidden=bool(threads.hidden([thread], current_user)),
        leaves=following.may_leave(thread),
        days=threads.days_kept(),
        titled=threads.titled,
    )
