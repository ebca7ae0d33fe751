"""What contacts offer to every page: the address of the sign-up form, with the visitor's source in it."""

from urllib.parse import urlencode

from flask import Flask, has_request_context, request, url_for

from crm.contacts import sources


def init_app(app: Flask) -> None:
    """Give templates `signup_url()`."""
    app.context_processor(lambda: {"signup_url": signup_url})


def signup_url() -> str:
    """Return the address of the sign-up page, carrying along utm_* and via of the present visit."""
    arguments = sources.Trail.of(request.args).arguments() if has_request_context() else {}
    return url_for("contacts_public.sign_up") + ("?" + urlencode(arguments) if arguments else "")
