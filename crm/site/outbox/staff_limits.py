"""Pages where admins set limits an hour and warm up a new sending domain."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from crm.base.guards import requires
from crm.delivery import pace
from crm.extensions import db
from crm.site.outbox import limits
from crm.site.outbox.limits import FIRST_PLAN, Changed, LimitForm, WarmUpForm
from crm.site.outbox.staff import bp

Page = str | Response | tuple[str, int]
WARM_UP = "warmup-"  # Two forms stand on the page, and each field needs an id of its own.


@bp.route("/limits", methods=["GET", "POST"])
@requires("delivery.edit")
def limits_page() -> Page:
    """Show what holds mail back by design, and set a limit."""
    asked = {name: request.args.get(name, "") for name in ("scope", "name", "was")}
    form = LimitForm(data=asked | {"per_hour": request.args.get("was", type=int)})
    if form.validate_on_submit():
        scope, name, number = form.scope.data, form.name.data or "", form.per_hour.data
        if _done(form, lambda: limits.set_limit(scope, name, number, form.was.data or "")):
            return _again("The limit is set. It holds from the next mail on.")
    return _show(form=form)


@bp.route("/limits/lift", methods=["POST"])
@requires("delivery.edit")
def lift_limit() -> Page:
    """Lift a limit."""
    scope, name, was = (request.form.get(key, "") for key in ("scope", "name", "was"))
    if scope not in limits.SCOPES or (scope == "all") != (name == ""):
        return _again("There is no such limit.")
    if _done(None, lambda: limits.set_limit(scope, name, None, was)):
        flash("The limit is lifted. What it held up leaves within a minute.")
    return redirect(url_for(".limits_page"))


@bp.route("/limits/warm-up", methods=["POST"])
@requires("delivery.edit")
def begin_warm_up() -> Page:
    """Begin a warm-up of a sender's domain."""
    form = WarmUpForm(prefix=WARM_UP)
    if form.validate_on_submit():
        domain, first, enough = form.domain.data or "", form.first_day.data or 1, form.enough.data or 1
        if _done(form, lambda: limits.begin_warm_up(domain, first, enough, form.was.data or "")):
            return _again("The warm-up has begun.")
    return _show(warm_up=form)


@bp.route("/limits/warm-up/end", methods=["POST"])
@requires("delivery.edit")
def end_warm_up() -> Response:
    """End a warm-up: the domain sends without a cap."""
    domain = request.form.get("domain", "")
    if _done(None, lambda: limits.end_warm_up(domain, request.form.get("was", ""))):
        flash("The warm-up is over. Mail of this domain has no cap a day any more.")
    return redirect(url_for(".limits_page"))


def _done(form: LimitForm | WarmUpForm | None, act: Callable[[], None]) -> bool:
    """Act and commit; where somebody else was faster, tell so in the form, or on the next page, and return False."""
    try:
        act()
    except Changed as change:
        db.session.rollback()
        if form is None:
            flash(str(change), "error")
        else:
            form.form_errors.append(f"{change} Save again if yours is right.")
            form.was.data = change.now
        return False
    db.session.commit()
    return True


def _again(words: str) -> Response:
    flash(words)
    return redirect(url_for(".limits_page"))


def _show(form: LimitForm | None = None, warm_up: WarmUpForm | None = None) -> Page:
    shown = warm_up or form
    form = form or LimitForm(formdata=None)
    warm_up = warm_up or WarmUpForm(formdata=None, prefix=WARM_UP, data=FIRST_PLAN)
    values: dict[str, Any] = {"limit_form": form, "warm_up": warm_up, "form": shown, "plans": pace.plans()}
    page = render_template("delivery/limits.html", limits=pace.limits(), **values)
    return page, 409 if shown and shown.form_errors else 200
