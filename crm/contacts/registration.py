"""What contacts offer to every page (the address of the sign-up form), and what they hold after a restore."""

from urllib.parse import urlencode

from flask import Flask, has_request_context, request, url_for

from crm.base.registries import Hold, holds
from crm.contacts import retention, sources


def register() -> None:
    """Enter that no reminder is written a second time."""
    holds.add("reminders", Hold("sign-ups that nobody is reminded of", retention.remind_no_more))


def init_app(app: Flask) -> None:
    """Give templates `signup_url()`."""
    app.context_processor(lambda: {"signup_url": signup_url})


def signup_url() -> str:
    """Return the address of the sign-up page, carrying along utm_* and via of the present visit."""
    arguments = sources.Trail.of(request.args).arguments() if has_request_context() else {}
    return url_for("contacts_public.sign_up") + ("?" + urlencode(arguments) if arguments else "")
