"""The time zone in which pages show times."""

from flask import g, has_request_context
from flask_login import current_user

from crm.organizations import coalition


def chosen() -> str:
    """Return the zone of the staff user, else of the coalition, else UTC."""
    if not has_request_context():
        return "UTC"
    if "zone" not in g:
        g.zone = current_user.zone if current_user.is_authenticated else coalition.zone()
    return str(g.zone)
