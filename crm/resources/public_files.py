"""Files and covers of the library, as visitors get them."""

from functools import partial
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, render_template, request, send_file, url_for
from werkzeug.wrappers import Response as AnyResponse

from crm.base import locales, signing, tallies
from crm.base.guards import public
from crm.base.shelves import send_for_good
from crm.contacts.sources import Trail
from crm.resources import covers, downloads, filing, storage
from crm.resources.file_kinds import KINDS
from crm.resources.models import ResourceFile

bp = Blueprint("resource_files", __name__, url_prefix="/resources")

Page = AnyResponse | tuple[str, int]


@bp.get("/files/<token>")
@public
def free(token: str) -> Page:
    """Send a free file, and count it where the button of its page has not.

    The address of one that was replaced leads to that which took its place. That of one which is not free any more
    leads to the page, which says how to get it, or that it was withdrawn.
    """
    file = filing.current(token) or abort(404)
    if file.resource.state != "published" or file.resource.gate != "free":
        kept = Trail.of(request.args).in_language(request.args.get("lang"))
        return redirect(url_for("resources_public.show", slug=file.resource.slug, **kept))
    if file.token != token:
        return redirect(f"{url_for('.free', token=file.token)}?{urlencode(request.args)}".rstrip("?"))
    answer = _send(file)
    if not request.args.get("counted"):
        count = partial(downloads.by_nobody, file.resource, file, request.args, language=locales.language())
        tallies.keep(f"a download of “{file.resource.slug}”", count)
    return answer


@bp.get("/given/<token>")
@public
def given(token: str) -> Page:
    """Send a file to who has just asked for it."""
    try:
        file = downloads.given(token)
    except signing.ExpiredToken:
        return render_template("resources/public/too_late.html"), 410
    except signing.InvalidToken:
        file = None
    if file is None:
        abort(404)
    answer = _send(file)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@bp.get("/covers/<name>")
@public
def cover(name: str) -> Response:
    """Send a cover, which never changes."""
    if not covers.NAME.fullmatch(name):
        abort(404)
    return send_for_good(storage.SHELF.path_of(name), "image/jpeg")


def _send(file: ResourceFile) -> Response:
    """Send the bytes, to be kept and never to be shown as a page of ours; parts of them too (RFC 9110 §14)."""
    path = storage.SHELF.path_of(file.token)
    if not path.is_file():
        abort(404)
    kind = KINDS[file.kind].mimetype
    answer = send_file(path, kind, as_attachment=True, download_name=file.name, etag=file.sha256, conditional=True)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
