"""Public pages of member organizations, and finding help. Nothing is kept of who looks for what: no row, no cookie."""

from typing import Any

from flask import Blueprint, Response, abort, g, make_response, render_template, request, url_for

from crm.base import locales
from crm.base.guards import public
from crm.base.states import STATES
from crm.organizations.offering import editing, finding
from crm.organizations.offering.finding import Wish
from crm.organizations.offering.professions import PROFESSIONS, spoken
from crm.site.members import listing

bp = Blueprint("members_public", __name__)


@bp.get("/members/")
@public
def index() -> str:
    """List the member organizations."""
    return render_template("site/members/index.html", rows=listing.everything())


@bp.get("/members/<slug>")
@public
def show(slug: str) -> str:
    """Show a member: what it does, and its services."""
    member = listing.named(slug) or abort(404)
    profile, services = editing.profile_of(member.id), finding.of_member(member.id)
    values = {"member": member, "profile": profile, "about": locales.said_here(profile.abouts), "services": services}
    return render_template("site/members/show.html", **values, **_words())


@bp.get("/help")
@public
def find_help() -> Response:
    """Find the services of members by state, profession and language."""
    g.sets_no_cookie = True  # The language travels in the address here.
    wish = finding.read(*(request.args.get(name, "") for name in ("state", "profession", "language")))
    asked = "state" in request.args or not wish.is_open
    values = {"wish": wish, "asked": asked, "found": finding.find(wish) if asked else None, "address_of": _address_of}
    answer = make_response(render_template("site/members/help.html", **values, **_words()))
    answer.headers["Referrer-Policy"] = "no-referrer"  # No member learns what was looked for.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _words() -> dict[str, object]:
    spoken_here = spoken(locales.language())
    return {"states": STATES, "professions": PROFESSIONS, "spoken": spoken_here, "spoken_names": dict(spoken_here)}


def _address_of(wish: Wish) -> str:
    asked: dict[str, Any] = {"state": wish.state, "profession": wish.profession, "language": wish.language}
    return url_for(".find_help", **asked, lang=request.args.get("lang"))
