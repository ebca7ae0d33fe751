"""The public addresses of pictures."""

from flask import Blueprint, abort, send_file
from werkzeug.wrappers import Response

from crm.base.guards import public
from crm.mailings.pictures import storage

bp = Blueprint("mailing_picture_files", __name__)
YEAR = 365 * 86400  # seconds
TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@bp.route("/pictures/<name>")
@public
def show(name: str) -> Response:
    """Send a file of a picture, which never changes, to whoever has the address: mail programs and their proxies."""
    path = storage.path_of(name) or abort(404)
    answer = send_file(path, TYPES[path.suffix], max_age=YEAR)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.cache_control.public, answer.cache_control.immutable = True, True
    return answer
