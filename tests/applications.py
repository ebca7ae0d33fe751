"""The application of a test: made once in a test process for each set of settings, and lent to each test as new.

What a test changes of it (settings, what extensions remember, attributes) is put back when it is lent again. One that a
test gave further addresses or hooks is not lent again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Flask

from crm import config, create_app

OWN = "INSTANCE_PATH"  # The only setting that differs from test to test without making another application.


@dataclass
class Kept:
    """An application, and what was true of it when it was made."""

    app: Flask
    attributes: dict[str, Any]
    settings: dict[str, Any]
    extensions: dict[str, Any]
    words: dict[str, Any]
    shape: list[int]


_kept: dict[str, Kept] = {}


def lend(settings: Mapping[str, Any]) -> Flask:
    """Return an application that is as `create_app` makes it from these settings."""
    loaded = config.load(settings)
    key = repr(sorted((name, value) for name, value in loaded.items() if name != OWN))
    kept = _kept.get(key)
    if kept is None or kept.shape != _shape(kept.app):
        app = create_app(settings)
        _kept[key] = Kept(
            app, dict(vars(app)), dict(app.config), dict(app.extensions), dict(app.jinja_env.globals), _shape(app)
        )
        return app
    _renew(kept, loaded)
    return kept.app


def _renew(kept: Kept, loaded: dict[str, Any]) -> None:
    app = kept.app
    for changed, made in (
        (vars(app), kept.attributes | {"instance_path": loaded[OWN]}),
        (app.config, kept.settings | loaded),
        (app.extensions, kept.extensions),
        (app.jinja_env.globals, kept.words),
    ):
        changed.clear()
        changed.update(made)


def _shape(app: Flask) -> list[int]:
    """Return how many addresses and hooks it has."""
    hooks = (
        app.before_request_funcs,
        app.after_request_funcs,
        app.teardown_request_funcs,
        app.template_context_processors,
    )
    counts = [sum(map(len, kind.values())) for kind in hooks]
    return [len(app.view_functions), len(app.teardown_appcontext_funcs), *counts]
