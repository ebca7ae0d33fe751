"""What contacts offer to every page and to delivery, and what they hold after a restore."""

from typing import Any

from flask import Flask, has_request_context, request, url_for

from crm.base import credits
from crm.base.acted import Act, acted
from crm.base.registries import Hold, Support, WayOut, holds, supports, ways_out
from crm.contacts import known, leaving, links, public, retention, sources, triggers
from crm.contacts.constituents import counting, living
from crm.contacts.custom_fields import registration as custom_fields
from crm.contacts.interest import asking
from crm.contacts.member_consent import registration as member_consent
from crm.contacts.signup_forms import registration as signup_forms


def register() -> None:
    """Let mails to a signed address unsubscribe contacts, constituents count as support behind an ask, sequences begin
    by what happens to contacts, sign-ups be credited to mailings, and a restored copy write no reminder a second time.
    """
    triggers.register()
    custom_fields.register()
    member_consent.register()
    signup_forms.register()
    asking.register()
    credits.member_codes.add("contacts", sources.give)
    acted.add("confirmed_sign_ups", Act("Signed up", sources.signed_up))
    ways_out.add("contacts", WayOut(leaving.address_of, leaving.by_mail))
    supports.add(
        "constituents",
        Support("Confirmed constituents", counting.of, living.people_url, "contacts.see", living.WHO_COUNTS),
    )
    holds.add("reminders", Hold("sign-ups that nobody is reminded of", retention.remind_no_more))


def init_app(app: Flask) -> None:
    """Give templates what carries along whom one came by, and answer for signed links that were used too often."""
    app.register_error_handler(known.TooOften, public.too_often)
    app.context_processor(lambda: {"signup_url": signup_url, "came_by": came_by})
    app.jinja_env.filters["carrying"] = lambda text: links.carrying(text, sources.Trail.of(request.values))


def signup_url() -> str:
    """Return the address of the sign-up page, carrying along utm_* and via of the present visit."""
    arguments: dict[str, Any] = {**came_by()}
    return url_for("contacts_public.sign_up", **arguments)


def came_by() -> dict[str, Any]:
    """Return utm_* and via of the present visit, which links to other public pages carry along."""
    return sources.Trail.of(request.args).arguments() if has_request_context() else {}
