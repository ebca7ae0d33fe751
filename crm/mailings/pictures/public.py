"""The public addresses of pictures."""

from flask import Blueprint, abort
from werkzeug.wrappers import Response

from crm.base.guards import public
from crm.base.shelves import send_for_good
from crm.mailings.pictures import storage

bp = Blueprint("mailing_picture_files", __name__)
TYPES = {".jpg": "image/jpeg", ".png": "image/png"}


@bp.route("/pictures/<name>")
@public
def show(name: str) -> Response:
    """Send a file of a picture, which never changes, to whoever has the address: mail programs and their proxies."""
    path = storage.path_of(name) or abort(404)
    answer = send_for_good(path, TYPES[path.suffix])
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer
