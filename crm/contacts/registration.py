"""What contacts offer to every page, the address of the sign-up form, and to delivery, the way to leave by mail."""

from urllib.parse import urlencode

from flask import Flask, has_request_context, request, url_for

from crm.base.registries import WayOut, ways_out
from crm.contacts import leaving, sources


def init_app(app: Flask) -> None:
    """Give templates `signup_url()`."""
    app.context_processor(lambda: {"signup_url": signup_url})


def register() -> None:
    """Let mails to a signed address unsubscribe contacts."""
    ways_out.add("contacts", WayOut(leaving.address_of, leaving.by_mail))


def signup_url() -> str:
    """Return the address of the sign-up page, carrying along utm_* and via of the present visit."""
    arguments = sources.Trail.of(request.args).arguments() if has_request_context() else {}
    return url_for("contacts_public.sign_up") + ("?" + urlencode(arguments) if arguments else "")
