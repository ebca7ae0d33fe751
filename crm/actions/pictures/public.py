"""Pictures of actions, as visitors get them."""

from flask import Blueprint, Response, abort

from crm.actions.pictures import keeping
from crm.base.guards import public
from crm.base.shelves import send_for_good

bp = Blueprint("action_pictures", __name__, url_prefix="/actions/pictures")


@bp.get("/<name>")
@public
def show(name: str) -> Response:
    """Send a picture, which never changes."""
    if not keeping.FILE.fullmatch(name):
        abort(404)
    return send_for_good(keeping.SHELF.path_of(name), "image/jpeg")
