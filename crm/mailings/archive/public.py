"""Pages of the archive, and of a mailing that does not stand in it for who has the link of a mail."""

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from crm.base import locales, signing
from crm.base.atom import ENTRIES, TYPE
from crm.base.guards import public
from crm.base.pages import paginate
from crm.contacts.sources import Trail
from crm.extensions import db
from crm.mailings import identity
from crm.mailings.archive import addresses, archiving, feed, pages
from crm.mailings.models import Mailing

bp = Blueprint("archive_public", __name__)

PER_PAGE = 20


@bp.get("/archive/")
@public
def index() -> str:
    """List the mailings of the archive, the newest first."""
    page = paginate(archiving.published(), request.args.get("page", 1, type=int), per_page=PER_PAGE)
    found = [_entry(mailing) for mailing in page.rows]
    kept = Trail.of(request.args).in_language(request.args.get("lang"))
    return render_template("mailings/archive/public/index.html", page=page, found=found, kept=kept)


@bp.get("/archive/feed.xml")
@public
def atom() -> AnyResponse:
    """Return the newest mailings as a feed."""
    rows = db.session.scalars(archiving.published().limit(ENTRIES)).all()
    name = identity.current().name
    data = feed.write([_entry(row) for row in rows], _("Mailings of %(name)s", name=name), name, locales.language())
    answer = Response(data, mimetype=TYPE)
    answer.add_etag()
    return answer.make_conditional(request)


@bp.get("/archive/<slug>")
@public
def show(slug: str) -> str:
    """Show a mailing, with ways to share it and to sign up."""
    found, trail = _found(slug), Trail.of(request.args)
    asked = trail.in_language(found.language)
    frame = url_for(".framed", slug=slug, **asked)
    values = {"found": found, "frame_url": frame, "sign_up_url": pages.sign_up_url(trail, slug)}
    values |= {"slug": slug, "share": pages.share(found, trail, slug), "since": pages.since(found.said)}
    return render_template("mailings/archive/public/show.html", **values)


@bp.get("/archive/<slug>/mail")
@public
def framed(slug: str) -> Response:
    """Return the mail itself, for the frame on its page."""
    return _frame(pages.framed(_found(slug), Trail.of(request.args), slug))


@bp.get("/archive/<slug>/forward")
@public
def forward(slug: str) -> str:
    """Offer a mailing to be passed on by the visitor's own mail program. We write to nobody whose address is typed."""
    found = _found(slug)
    share = pages.share(found, Trail.of(request.args), slug)
    asked = Trail.of(request.args).in_language(found.language)
    page = url_for(".show", slug=slug, **asked)
    return render_template("mailings/archive/public/forward.html", found=found, share=share, page_url=page)


@bp.get("/view/<token>")
@public
def view(token: str) -> str | AnyResponse:
    """Show a mailing that does not stand in the archive to who has the link; one that does is shown there."""
    mailing = _signed(token)
    place = archiving.place_of(mailing)
    if place.shown and place.published_at is not None:
        return redirect(url_for(".show", slug=place.slug, lang=locales.language()))
    found = pages.shown(mailing, locales.language())
    values = {"found": found, "frame_url": url_for(".view_framed", token=token, lang=found.language)}
    values["sign_up_url"] = pages.sign_up_url(Trail.of(request.args), place.slug)
    values["since"] = pages.since(found.said)
    return render_template("mailings/archive/public/show.html", **values, slug="", share=None)


@bp.get("/view/<token>/mail")
@public
def view_framed(token: str) -> Response:
    """Return the mail itself, for the frame on its page."""
    mailing = _signed(token)
    place = archiving.place_of(mailing)
    return _frame(pages.framed(pages.shown(mailing, locales.language()), Trail.of(request.args), place.slug))


@bp.after_request
def out_of_search(response: Response) -> Response:
    """Keep what does not stand in the archive out of search engines, and its address to those who have it."""
    if request.path.startswith("/view/"):
        response.headers["X-Robots-Tag"] = "noindex"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.errorhandler(410)
def gone(error: Exception) -> tuple[str, int]:
    """Say that a mailing was taken off the archive."""
    return render_template("mailings/archive/public/gone.html"), 410


def _entry(mailing: Mailing) -> tuple[pages.Shown, str]:
    place = archiving.place_of(mailing)
    return pages.shown(mailing, locales.language(), place.published_at), place.slug


def _found(slug: str) -> pages.Shown:
    known = archiving.named(slug)
    if known is None:
        abort(404)
    mailing, place = known
    if not place.shown:
        abort(410)
    return pages.shown(mailing, locales.language(), place.published_at)


def _signed(token: str) -> Mailing:
    try:
        mailing = db.session.get(Mailing, int(signing.read(addresses.VIEW, token)))
    except signing.InvalidToken:
        mailing = None
    return mailing if mailing is not None and mailing.messages and mailing.state != "draft" else abort(404)


def _frame(html: str) -> Response:
    answer = Response(html, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = pages.FRAME_POLICY
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
