"""Taking a text of a kit, and following the link in it; both are counted."""

from functools import partial

from flask import Blueprint, Response, abort, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from crm.actions.share_kits import counting, kit
from crm.actions.share_kits.models import ShareText
from crm.base import tallies
from crm.base.guards import public
from crm.base.robots import gives_itself_away
from crm.extensions import csrf, db

bp = Blueprint("share_kits_public", __name__)


@bp.post("/actions/texts/<int:text_id>")
@csrf.exempt
@public
def take(text_id: int) -> AnyResponse:
    """Count that the text was taken, and open its channel with it; a script that only counts is answered nothing."""
    said = _found(text_id)
    via = request.form.get("via", request.args.get("via", ""))
    via = via if kit.CODE.fullmatch(via) else ""
    counting.note(text_id, via, arrival=False)
    db.session.commit()
    if "open" not in request.form:
        return Response(status=204)
    return redirect(kit.ready(said, via).address, 303)


@bp.get("/s/<int:text_id>")
@bp.get("/s/<int:text_id>/<via>")
@public
def follow(text_id: int, via: str = "") -> AnyResponse:
    """Count whoever follows the link in a text, robots left out, and lead on."""
    said = _found(text_id)
    via = via if kit.CODE.fullmatch(via) else ""
    answer = redirect(kit.target(said, via), 302)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    if not gives_itself_away(request.method, request.headers):
        tallies.keep(f"an arrival by text {text_id}", partial(counting.note, text_id, via, arrival=True))
    return answer


def _found(text_id: int) -> ShareText:
    said = db.session.get(ShareText, text_id)
    if said is None or said.action.state != "published":
        abort(404)
    return said
