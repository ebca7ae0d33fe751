"""The home page, the privacy page, the logo, and the pages that machines ask."""

from datetime import timedelta

from flask import Blueprint, Response, abort, jsonify, make_response, render_template

from crm.base import locales
from crm.base.changes import Refused
from crm.base.guards import public
from crm.contacts import arrivals
from crm.goals import progress
from crm.organizations import coalition
from crm.site import health
from crm.site import home as home_page
from crm.site.looks import coloring
from crm.site.outbox import metrics
from crm.site.pages import keeping, places, saying, telling

bp = Blueprint("site_public", __name__)


@bp.get("/")
@public
def home() -> str:
    found = coalition.current()
    first, rest = home_page.headline(found, locales.language())
    arrival, page = arrivals.signup_form(), places.fixed("home")
    return render_template(
        "site/public/home.html",
        headline=first,
        rest=rest,
        goal=progress.public_goal(),
        members=home_page.members(),
        parts=home_page.parts(),
        said=saying.said(page.shown, locales.language(), page.language) if page and page.shown else None,
        unnamed=keeping.FIXED["home"],
        arrival=arrival,
        form=arrival.form,
    )


@bp.get("/privacy")
@public
def privacy() -> str:
    """Say what is kept of whom: as staff wrote it, or else what the program keeps by itself."""
    page = places.fixed("privacy")
    if page is not None and page.shown:
        return telling.page(page, page.shown)
    return render_template("site/public/privacy.html")


@bp.get("/logo")
@public
def logo() -> Response:
    found = coalition.current()
    if found is None or not found.logo or not found.logo_type:
        abort(404)
    response = make_response(found.logo)
    response.mimetype = found.logo_type
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    response.cache_control.public = True
    response.cache_control.max_age = int(timedelta(hours=1).total_seconds())
    return response


@bp.get("/colors/<name>.css")
@public
def colors(name: str) -> Response:
    """Return the style sheet of a color of the site; the color is its name, so that it never changes."""
    try:
        sheet = coloring.sheet(coloring.checked(f"#{name}"))
    except Refused:
        abort(404)
    response = Response(sheet, mimetype="text/css")
    response.cache_control.public = True
    response.cache_control.immutable = True
    response.cache_control.max_age = int(timedelta(days=365).total_seconds())
    return response


@bp.get("/healthz")
@public
def healthz() -> Response:
    return jsonify(status="ok")


@bp.get("/readyz")
@public
def readyz() -> tuple[Response, int]:
    if found := health.problems():
        return jsonify(status=next(iter(found)), problems=found), 503
    return jsonify(status="ok", worker=health.worker()), 200


@bp.get("/metrics")
@public
def prometheus() -> Response:
    if not metrics.may_scrape():
        abort(404)
    return Response(metrics.text(), mimetype="text/plain; version=0.0.4; charset=utf-8")
