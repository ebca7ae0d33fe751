"""The pages of the local mailbox, in development only."""

from pathlib import Path

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.base.guards import public
from crm.site import mailbox

bp = Blueprint("mailbox", __name__, url_prefix="/dev/mailbox")

# What a mail may do in its frame: be seen. Links open in a new tab.
MAIL_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; "
    "sandbox allow-popups allow-popups-to-escape-sandbox"
)


@bp.before_request
def in_development() -> None:
    """Hide these pages from every other installation."""
    if not current_app.config["DEVELOPMENT"]:
        abort(404)


@bp.get("/")
@public
def index() -> str:
    sought = request.args.get("q", "").strip()
    page = mailbox.listed(_folder(), request.args.get("page", 1, type=int), sought)
    return render_template("site/mailbox/index.html", page=page, sought=sought)


@bp.get("/<name>")
@public
def show(name: str) -> str:
    return render_template("site/mailbox/show.html", mail=_mail(name))


@bp.get("/<name>/html")
@public
def html(name: str) -> Response:
    response = make_response('<base target="_blank">' + _mail(name).html)
    response.headers["Content-Security-Policy"] = MAIL_POLICY
    return response


@bp.post("/clear")
@public
def clear() -> AnyResponse:
    mailbox.forget(_folder())
    return redirect(url_for(".index"))


def _mail(name: str) -> mailbox.Mail:
    mail = mailbox.read(_folder(), name)
    if mail is None:
        abort(404)
    return mail


def _folder() -> Path:
    return Path(current_app.config["INSTANCE_PATH"]) / "mailbox"
