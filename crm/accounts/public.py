"""Pages before the login: logging in and out, and setting a password by a link."""

import math
import time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.accounts import invitations, login, sessions, users
from crm.accounts.destinations import own_page
from crm.accounts.forms import ForgottenForm, LoginForm, NewPasswordForm
from crm.base import audit, clock, networks, signing
from crm.base.guards import public
from crm.extensions import db

bp = Blueprint("accounts_public", __name__)

Page = str | Response | tuple[str, int]

# Every answer to a forgotten password takes this long, whether the address is known or not.
RESET_SECONDS = 0.3


@bp.route("/login", methods=["GET", "POST"])
@public
def log_in() -> Page:
    """Log in, and go on to the page that was asked for."""
    if current_user.is_authenticated and request.method == "GET":
        return redirect(own_page(request.args.get("next")))
    form = LoginForm()
    if form.validate_on_submit():
        try:
            user = login.check(form.email.data, form.password.data, networks.of_request())
        except login.WrongLogin:
            form.form_errors.append("The address or the password is wrong. Check both and try again.")
            return render_template("accounts/log_in.html", form=form), 401
        except login.TooManyTries as error:
            form.form_errors.append(_wait_until(error))
            return render_template("accounts/log_in.html", form=form), 429
        login.begin(user)
        db.session.commit()
        return redirect(own_page(request.args.get("next")))
    return render_template("accounts/log_in.html", form=form)


@bp.route("/logout", methods=["POST"])
@public
def log_out() -> Response:
    """End the session of this browser."""
    if current_user.is_authenticated:
        audit.record("log_out", "user", current_user.id)
    sessions.end_present()
    db.session.commit()
    flash("You are logged out.", "success")
    return redirect(url_for(".log_in"))


@bp.route("/password", methods=["GET", "POST"])
@public
def forgotten() -> Page:
    """Ask for a link to set a new password; the answer is the same for every address."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return render_template("accounts/forgotten.html", form=form)
    done_at = time.monotonic() + RESET_SECONDS
    if invitations.may_ask(form.email.data, networks.of_request()):
        invitations.offer_reset(form.email.data)
    db.session.commit()
    time.sleep(max(0.0, done_at - time.monotonic()))
    return render_template("accounts/reset_sent.html", address=form.email.data)


@bp.route("/password/<token>", methods=["GET", "POST"])
@public
def set_password(token: str) -> Page:
    """Set a password by the link of an invitation or of a forgotten password."""
    try:
        user = invitations.read(token)
    except signing.InvalidToken:
        return render_template("accounts/link_ended.html"), 410
    form = NewPasswordForm(user.email, user.name)
    if form.validate_on_submit():
        users.set_password(user, form.new_password.data)
        sessions.end_present()
        db.session.commit()
        flash("Your password is set. Log in with it.", "success")
        return redirect(url_for(".log_in"))
    return render_template("accounts/set_password.html", form=form, user=user)


def _wait_until(error: login.TooManyTries) -> str:
    minutes = math.ceil((error.until - clock.now()).total_seconds() / 60)
    wait = f"{minutes} minutes" if minutes != 1 else "a minute"
    wait = wait if minutes < 120 else f"{math.ceil(minutes / 60)} hours"
    return (
        f"There were too many failed tries. Try again in {wait}; "
        "or set a new password by e-mail, then you can log in at once."
    )
