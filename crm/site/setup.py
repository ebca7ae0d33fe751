"""The first visit to a new installation."""

import logging
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.accounts import login, users
from crm.base import limits
from crm.base.guards import public
from crm.extensions import db
from crm.site import installation
from crm.site.setup_form import SetupForm

bp = Blueprint("site_setup", __name__)
log = logging.getLogger(__name__)

Page = str | Response | tuple[str, int]
CODE_TRIES, CODE_WINDOW = 20, timedelta(minutes=15)


@bp.before_app_request
def lead_there() -> Response | None:
    """Lead the first visitors of an installation that nobody has set up to the setup page."""
    asked = request.path
    if request.method != "GET" or not (asked in {"/", "/login"} or asked.startswith("/staff/")):
        return None
    if not installation.is_open() or (asked == "/login" and users.exist()):
        return None
    return redirect(url_for("site_setup.setup"))


@bp.route("/setup", methods=["GET", "POST"])
@public
def setup() -> Page:
    """Set the installation up, log its first admin in, and lead on to the import."""
    if not installation.is_open():
        return render_template("site/setup/closed.html"), 410
    first = not users.exist()
    if not first and not (current_user.is_authenticated and current_user.may("settings.edit")):
        return redirect(url_for("accounts_public.log_in", next=url_for(".setup")))
    form = SetupForm(with_admin=first)
    guarded = first and installation.needs_code()
    if guarded and not form.is_submitted():
        log.warning("The setup page was opened. It asks for this code: %s", installation.code())
    if form.validate_on_submit() and (not guarded or _code_is_right(form)):
        return _set_up(form)
    return render_template("site/setup/setup.html", form=form, guarded=guarded, first=first)


def _code_is_right(form: SetupForm) -> bool:
    in_time = limits.allow("setup code", CODE_TRIES, CODE_WINDOW)
    db.session.commit()
    if in_time and installation.right_code(form.code.data or ""):
        return True
    wait = "The code was tried too often. Wait a quarter of an hour." if not in_time else ""
    form.code.errors = [wait or "This is not the setup code. `crm setup-link` prints it, and so does the server's log."]
    return False


def _set_up(form: SetupForm) -> Page:
    present = current_user._get_current_object() if current_user.is_authenticated else None
    db.session.commit()  # Hashing the password takes its time, and must hold no lock meanwhile.
    try:
        admin = installation.set_up(form.answers(), present)
    except installation.AlreadySetUp:
        db.session.rollback()
        return render_template("site/setup/closed.html"), 410
    login.begin(admin)
    db.session.commit()
    flash("Your coalition is set up.", "success")
    return redirect(url_for("site_staff.welcome"))
