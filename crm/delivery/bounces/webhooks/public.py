"""/webhooks/<provider>: where the mail providers call. Each is refused unless its secret is set and proved."""

import logging

from flask import Blueprint, abort, current_app, request
from werkzeug.wrappers import Response

from crm.base.guards import public
from crm.delivery.bounces.webhooks import events, mailgun, postmark, sendgrid, ses
from crm.extensions import csrf, db

log = logging.getLogger(__name__)

bp = Blueprint("webhooks_public", __name__, url_prefix="/webhooks")

PROVIDERS = {"ses": ses, "postmark": postmark, "sendgrid": sendgrid, "mailgun": mailgun}
MOST_BYTES = 2 * 1024 * 1024


@bp.route("/<provider>", methods=["POST"])
@csrf.exempt
@public
def receive(provider: str) -> Response:
    """Take the events of a provider; answers 200 where they are safe, so that it calls no more."""
    module = PROVIDERS.get(provider)
    if module is None or not current_app.config[module.SETTING]:
        abort(404)
    request.max_content_length = MOST_BYTES
    try:
        found = module.read(request)
        db.session.commit()
        events.take(provider, found)
    except events.Refused as refused:
        log.warning("a call of %s is refused: %s", provider, refused)
        return Response("refused\n", 403, content_type="text/plain")
    except events.Malformed as malformed:
        return Response(f"{malformed}\n", 400, content_type="text/plain")
    return Response("", 200, content_type="text/plain")
