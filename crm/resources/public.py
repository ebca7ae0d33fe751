"""Pages of the library for visitors. GET and HEAD change nothing here but numbers; POST counts and gives."""

from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from flask_login import current_user

from crm.base import locales, tallies
from crm.base.deeds import Deed
from crm.base.guards import public
from crm.base.pages import paginate
from crm.contacts import answering, arrivals, known, sources, subscriptions
from crm.contacts.answering import Page
from crm.contacts.sources import Trail
from crm.extensions import csrf, db
from crm.resources import asking, citing, downloads, filing, library, searching, telling
from crm.resources.file_kinds import KINDS
from crm.resources.kinds import AUDIENCES, TYPES
from crm.resources.models import Resource

bp = Blueprint("resources_public", __name__, url_prefix="/resources")
bp.after_request(known.keep_private)

PER_PAGE = 12


@bp.get("/")
@public
def index() -> str:
    """List the library: what is searched for, the best first; else the newest."""
    wanted = searching.Wanted.of(request.args)
    page = paginate(searching.published(wanted), request.args.get("page", 1, type=int), per_page=PER_PAGE)
    values: dict[str, Any] = {
        "page": page,
        "wanted": wanted,
        "types": TYPES,
        "audiences": AUDIENCES,
        "telling": telling,
    }
    values |= {"topics": library.topics(), "years": searching.years(), "kept": Trail.of(request.args).arguments()}
    return render_template("resources/public/index.html", **values)


@bp.get("/<slug>")
@public
def show(slug: str) -> Page:
    """Show a resource: what it is about, how to get it, how to cite it."""
    resource = _found(slug)
    visitor = known.visitor(asking.KIND, resource.id) if resource.gate == "address" else None
    gated = resource.gate == "address" and visitor is None
    return _page(resource, arrivals.form_for(asking.DownloadForm, terms=downloads.terms(resource)) if gated else None)


@bp.post("/<slug>")
@csrf.exempt
@public
def ask(slug: str) -> Page:
    """Take the address of a visitor who wants the resource, and write to it."""
    resource = _found(slug)
    arrival = arrivals.returned(asking.DownloadForm, terms=downloads.terms(resource))
    sent = url_for(".sent", slug=slug, lang=locales.language())
    return answering.post(arrival, lambda form: _page(resource, form), sent, Deed(asking.KIND, resource.id))


@bp.get("/<slug>/sent")
@public
def sent(slug: str) -> str:
    """Say that a mail is on its way."""
    return render_template("resources/public/sent.html", resource=_found(slug), telling=telling)


@bp.post("/<slug>/download")
@csrf.exempt
@public
def download(slug: str) -> Page:
    """Give what is free, or asked for by somebody whom a mail made known, and count it."""
    resource = _found(slug)
    visitor = known.visitor(asking.KIND, resource.id)
    if visitor is not None:
        source_id = sources.of_visit(arrivals.trail_of(request.form, downloads.terms(resource)))
        thanks = known.do(visitor, Deed(asking.KIND, resource.id, {"how": downloads.KNOWN}), source_id)
        file = filing.of_language(resource, request.form.get("language", ""))
        db.session.commit()
        return redirect(downloads.address_of(file) if file else thanks, 303)
    if resource.gate != "free":
        return redirect(url_for(".show", slug=slug, **Trail.of(request.form).in_language(None)), 303)
    file = filing.of_language(resource, request.form.get("language", "")) or abort(404)
    downloads.by_nobody(resource, file, request.form, language=locales.language())
    db.session.commit()
    return redirect(url_for("resource_files.free", token=file.token, counted=1), 303)


@bp.get("/<slug>/open")
@public
def follow(slug: str) -> Page:
    """Lead to where a free resource lies, and count that somebody went there."""
    resource = _found(slug)
    if resource.gate != "free" or not resource.url:
        return redirect(url_for(".show", slug=slug, **Trail.of(request.args).in_language(request.args.get("lang"))))
    answer = redirect(resource.url)
    answer.headers["X-Robots-Tag"], answer.headers["Cache-Control"] = "noindex", "no-store"
    answer.headers["Referrer-Policy"] = "no-referrer"
    if resource.state == "published":
        count = partial(downloads.by_nobody, resource, None, request.args, language=locales.language())
        tallies.keep(f"the link of “{slug}”", count)
    return answer


@bp.route("/<slug>/get/<token>", methods=["GET", "POST"])
@csrf.exempt
@public
def get(slug: str, token: str) -> Page:
    """Give a resource to who has proven an address for it; the link lives 7 days, and POST counts."""
    resource = _found(slug)
    reader = known.who_did(token, asking.KIND, resource.id)
    if reader is None:
        return render_template("resources/public/over.html", resource=resource, telling=telling), 410
    if request.method == "POST":
        language = request.form.get("language", "")
        file = filing.of_language(resource, language) or abort(404)
        downloads.by_contact(
            resource,
            reader,
            downloads.CONFIRMED,
            language=locales.language(),
            source_id=downloads.source_of(resource, reader),
            file=file,
        )
        db.session.commit()
        return redirect(downloads.address_of(file), 303)
    values = {"resource": resource, "telling": telling, "token": token, "kinds": KINDS, "languages": locales.LANGUAGES}
    values["gets_mail"] = subscriptions.gets_mail(reader)
    return render_template("resources/public/get.html", **values)


@bp.get("/<slug>/cite.<form>")
@public
def cite(slug: str, form: str) -> Response:
    """Return the reference for programs that keep them: bib or ris."""
    resource = _found(slug)
    writers = {
        "bib": (citing.bibtex, "application/x-bibtex"),
        "ris": (citing.ris, "application/x-research-info-systems"),
    }
    if form not in writers:
        abort(404)
    write, mimetype = writers[form]
    answer = Response(write(resource, telling.citation(resource).title), content_type=f"{mimetype}; charset=utf-8")
    answer.headers["Content-Disposition"] = f"attachment; filename={slug}.{form}"
    return answer


@bp.errorhandler(410)
def gone(error: Exception) -> tuple[str, int]:
    """Say that a resource was withdrawn."""
    return render_template("resources/public/gone.html"), 410


def _found(slug: str) -> Resource:
    """Return what is published, and to the staff what is not yet."""
    resource = library.named(slug) or abort(404)
    if resource.state == "withdrawn":
        abort(410)
    staff = current_user.is_authenticated and current_user.may("resources.see")
    return resource if resource.state == "published" or staff else abort(404)


def _page(resource: Resource, arrival: arrivals.Arrival | None) -> str:
    trail = Trail.of(request.values)
    values: dict[str, Any] = {"resource": resource, "telling": telling, "types": TYPES, "kinds": KINDS}
    values |= {"arrival": arrival, "form": arrival.form if arrival else None, "trail": trail.arguments()}
    values |= {"share": telling.share(resource, trail), "cited": telling.citation(resource)}
    values |= {"topics": library.topics(), "me": request.values.get(known.FIELD, ""), "languages": locales.LANGUAGES}
    return render_template("resources/public/show.html", **values)
