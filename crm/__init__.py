"""Groundswell: create_app() is the only place where the parts are put together."""

import logging
import sys
from collections.abc import Mapping
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import config, routes
from crm.accounts import login, zones
from crm.accounts import registration as accounts_registration
from crm.actions import registration as actions_registration
from crm.actions.letters import registration as letters_registration
from crm.assistance import registration as assistance_registration
from crm.base import database, headers, keys, locales, once, static_files
from crm.base.requests import PlainRequest
from crm.campaigns import registration as campaigns_registration
from crm.contacts import registration as contacts_registration
from crm.contacts import segment_fields
from crm.delivery import registration as delivery_registration
from crm.events import registration as events_registration
from crm.extensions import babel, csrf, db, login_manager, mail, migrate
from crm.goals import registration as goals_registration
from crm.influencers import registration as influencers_registration
from crm.mailings import registration as mailings_registration
from crm.organizations import registration as organizations_registration
from crm.resources import registration as resources_registration
from crm.site import errors, navigation, public_navigation
from crm.site import registration as site_registration
from crm.site.kept_pages import KeptPages
from crm.transfer import registration as transfer_registration

STATIC = config.ROOT / "crm" / "static"


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """Return the application; raises ConfigError where a setting cannot be used."""
    settings = config.load(overrides)
    app = Flask(
        __name__,
        template_folder=str(config.ROOT / "templates"),
        static_folder=str(STATIC),
        static_url_path=static_files.address_of(STATIC, changing=settings["DEVELOPMENT"]),
        instance_path=settings["INSTANCE_PATH"],
    )
    app.request_class = PlainRequest
    app.config.update(settings)
    app.jinja_options["autoescape"] = lambda name: name is None or not name.endswith(".txt")
    _log_to_standard_error()
    _bind_extensions(app)
    _register_subjects()
    mailings_registration.register()
    routes.init_app(app)
    _wrap(app)
    return app


def _bind_extensions(app: Flask) -> None:
    db.init_app(app)
    database.init_app(app)
    keys.init_app(app)
    migrate.init_app(app, db, directory=str(config.ROOT / "migrations"), render_as_batch=True)
    mail.init_app(app)
    csrf.init_app(app)
    login_manager.init_app(app)
    login.init_app(login_manager)
    babel.init_app(app, locale_selector=locales.region, timezone_selector=zones.chosen)
    locales.init_app(app)
    headers.init_app(app)
    once.init_app(app)
    errors.init_app(app)
    navigation.init_app(app)
    public_navigation.init_app(app)
    contacts_registration.init_app(app)


def _register_subjects() -> None:
    delivery_registration.register()
    accounts_registration.register()
    contacts_registration.register()
    segment_fields.register()
    organizations_registration.register()
    campaigns_registration.register()
    goals_registration.register()
    influencers_registration.register()
    actions_registration.register()
    resources_registration.register()
    letters_registration.register()
    events_registration.register()
    assistance_registration.register()
    site_registration.register()
    transfer_registration.register()


def _wrap(app: Flask) -> None:
    hops = app.config["TRUSTED_PROXIES"]
    if app.config["KEEP_PAGES_SECONDS"]:
        app.wsgi_app = KeptPages(app, app.config["KEEP_PAGES_SECONDS"])  # type: ignore[method-assign]
    static = static_files.StaticFiles(
        app.wsgi_app, str(STATIC), app.static_url_path or "", autorefresh=app.config["DEVELOPMENT"]
    )
    app.wsgi_app = ProxyFix(static, x_for=hops, x_proto=hops, x_host=0) if hops else static  # type: ignore[method-assign]


def _log_to_standard_error() -> None:
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    logging.getLogger("crm").setLevel(logging.INFO)
