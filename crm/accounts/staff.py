"""Pages of users: who belongs to the staff, and the own account."""

from collections.abc import Callable

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from crm.accounts import handing_over, invitations, login, passwords, users
from crm.accounts.forms import InviteForm, OrganizationForm, OwnAccountForm, OwnPasswordForm, RoleForm
from crm.accounts.models import User
from crm.base.guards import requires
from crm.base.registries import account_panels
from crm.extensions import db
from crm.organizations import members

bp = Blueprint("accounts_staff", __name__, url_prefix="/staff/users")

Page = str | Response | tuple[str, int]


@bp.route("/")
@requires("users.edit")
def index() -> str:
    """Show everybody of the staff."""
    people = users.everybody()
    roles = {user.id: RoleForm(prefix=f"u{user.id}", role=user.role, formdata=None) for user in people}
    homes = {user.id: OrganizationForm(prefix=f"u{user.id}", obj=user, formdata=None) for user in people}
    return render_template("accounts/users.html", people=people, roles=roles, homes=homes)


@bp.route("/new", methods=["GET", "POST"])
@requires("users.edit")
def invite() -> Page:
    """Invite somebody by e-mail."""
    form = InviteForm()
    if form.validate_on_submit():
        try:
            user = users.add(form.email.data, form.name.data, form.role.data, organization_id=form.organization_id.data)
        except users.Refused as error:
            form.email.errors = [*form.email.errors, str(error)]
            return render_template("accounts/invite.html", form=form)
        invitations.invite(user, current_user.name)
        db.session.commit()
        flash(f"{user.name} gets an invitation by e-mail. Its link holds for 7 days.", "success")
        return redirect(url_for(".index"))
    return render_template("accounts/invite.html", form=form)


@bp.route("/<int:user_id>/invite", methods=["POST"])
@requires("users.edit")
def invite_again(user_id: int) -> Response:
    """Send the invitation once more."""
    user = _found(user_id)
    if user.invited and user.active:
        invitations.invite(user, current_user.name)
        db.session.commit()
        flash(f"{user.name} gets the invitation once more.", "success")
    return redirect(url_for(".index"))


@bp.route("/<int:user_id>/role", methods=["POST"])
@requires("users.edit")
def change_role(user_id: int) -> Response:
    """Give somebody another role."""
    user = _found(user_id)
    form = RoleForm(prefix=f"u{user_id}")
    if form.validate():
        _try(lambda: users.change_role(user, form.role.data, by=current_user), f"{user.name} is {form.role.data} now.")
    return redirect(url_for(".index"))


@bp.route("/<int:user_id>/organization", methods=["POST"])
@requires("users.edit")
def change_organization(user_id: int) -> Response:
    """Let somebody belong to another organization."""
    user = _found(user_id)
    form = OrganizationForm(prefix=f"u{user_id}")
    if form.validate():
        number = form.organization_id.data
        home = dict(members.names()).get(number, "the coalition")
        _try(lambda: users.change_organization(user, number, by=current_user), f"{user.name} belongs to {home} now.")
    return redirect(url_for(".index"))


@bp.route("/<int:user_id>/close", methods=["POST"])
@requires("users.edit")
def close(user_id: int) -> Response:
    """Close an account."""
    user = _found(user_id)
    left = sum(one.number for one in handing_over.of(user))
    more = " What is in hand waits to be handed over." if left else ""
    _try(lambda: users.close(user, by=current_user), f"The account of {user.name} is closed.{more}")
    return redirect(url_for(".index"))


@bp.route("/<int:user_id>/reopen", methods=["POST"])
@requires("users.edit")
def reopen(user_id: int) -> Response:
    """Open a closed account again."""
    user = _found(user_id)
    _try(lambda: users.reopen(user), f"The account of {user.name} is open again.")
    return redirect(url_for(".index"))


@bp.route("/me", methods=["GET", "POST"])
@requires("dashboard.see")
def me() -> Page:
    """Change the own name and time zone."""
    form = OwnAccountForm(obj=current_user)
    if form.validate_on_submit():
        form.populate_obj(current_user)
        db.session.commit()
        flash("Saved.", "success")
        return redirect(url_for(".me"))
    panels = [(panel.template, panel.values()) for panel in account_panels]
    return render_template("accounts/me.html", form=form, panels=panels)


@bp.route("/me/password", methods=["GET", "POST"])
@requires("dashboard.see")
def own_password() -> Page:
    """Change the own password, which logs every other browser out."""
    user = _found(current_user.id)
    form = OwnPasswordForm(user.email, user.name)
    if form.validate_on_submit():
        db.session.commit()  # Hashing takes its time, and must hold no lock meanwhile.
        if not passwords.matches(form.password.data, user.password_hash):
            form.password.errors = ["This is not your present password."]
            return render_template("accounts/own_password.html", form=form)
        users.set_password(user, form.new_password.data)
        login.begin(user)
        db.session.commit()
        flash("Your password is changed. Other browsers are logged out.", "success")
        return redirect(url_for(".me"))
    return render_template("accounts/own_password.html", form=form)


def _found(user_id: int) -> User:
    return db.session.get(User, user_id) or abort(404)


def _try(change: Callable[[], None], done: str) -> None:
    try:
        change()
    except users.Refused as error:
        db.session.rollback()
        flash(str(error), "error")
    else:
        db.session.commit()
        flash(done, "success")
