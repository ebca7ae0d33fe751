"""Which other sites may show a form in a frame, or post to it."""

from urllib.parse import urlsplit

from flask import current_app, request

from crm.base.headers import POLICY
from crm.contacts.signup_forms.models import SignUpForm


def policy(form: SignUpForm) -> str:
    """Return the Content-Security-Policy of the page in a frame: only those sites may frame it, and we ourselves."""
    return POLICY.replace("frame-ancestors 'none'", " ".join(["frame-ancestors", "'self'", *form.origins]))


def parent_of(form: SignUpForm, named: str) -> str:
    """Return the site that shows the frame, as the page was told, where it is one that may; else ""."""
    return named if named in [*form.origins, own()] else ""


def may_post(form: SignUpForm) -> bool:
    """Tell whether the present request comes from our own page, or from a site that may post to the form.

    A browser that names no site (or null, as frames in a sandbox do) is let through: the stamp of the form, which only
    our own pages carry, is asked for all the same.
    """
    came = request.headers.get("Origin", "null")
    if came == "null":
        came = _origin_of(request.headers.get("Referer", ""))
    return came in ("", own(), request.host_url.rstrip("/"), *form.origins)


def own() -> str:
    """Return the site of our own public pages."""
    return _origin_of(str(current_app.config["PUBLIC_URL"]))


def _origin_of(address: str) -> str:
    try:
        parts = urlsplit(address)
    except ValueError:
        return "unreadable"
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
