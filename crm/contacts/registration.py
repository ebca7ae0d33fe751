"""What contacts offer to the rooms above: the metric of confirmed sign-ups, and the sign-up form of any page."""

from datetime import datetime
from urllib.parse import urlencode

from flask import Flask, has_request_context, request, url_for
from sqlalchemy import select

from crm.base import registries
from crm.contacts import sources
from crm.contacts.models import Contact, Source
from crm.extensions import db


def init_app(app: Flask) -> None:
    """Fill the registries, and give templates `signup_url()`, which carries the visitor's source along."""
    registries.metrics.add("confirmed_sign_ups", registries.Metric("Confirmed sign-ups", confirmed_sign_ups))
    app.context_processor(lambda: {"signup_url": signup_url})


def confirmed_sign_ups(since: datetime) -> list[tuple[datetime, str]]:
    """Return when each contact confirmed, and the label of the source that brought them, oldest first."""
    query = (
        select(Contact.confirmed_at, Source.label)
        .outerjoin(Source, Contact.source_id == Source.id)
        .where(Contact.confirmed_at >= since)
        .order_by(Contact.confirmed_at)
    )
    return [(row.confirmed_at, row.label or "Unknown") for row in db.session.execute(query)]


def signup_url() -> str:
    """Return the address of the sign-up page, with the source of the present visit in its query."""
    arguments = sources.Trail.of(request.args).arguments() if has_request_context() else {}
    return url_for("contacts_public.sign_up") + ("?" + urlencode(arguments) if arguments else "")
