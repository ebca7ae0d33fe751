"""Pictures of actions, as visitors get them."""

from flask import Blueprint, Response, abort, send_file

from crm.actions.pictures import keeping
from crm.base.guards import public

bp = Blueprint("action_pictures", __name__, url_prefix="/actions/pictures")

YEAR = 365 * 86400  # seconds


@bp.get("/<name>")
@public
def show(name: str) -> Response:
    """Send a picture, which never changes."""
    path = keeping.SHELF.path_of(name)
    if not keeping.FILE.fullmatch(name) or not path.is_file():
        abort(404)
    answer = send_file(path, "image/jpeg", max_age=YEAR)
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    answer.cache_control.public, answer.cache_control.immutable = True, True
    return answer
