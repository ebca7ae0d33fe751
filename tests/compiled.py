"""What all applications of the tests compile alike: templates, addresses, SQL, each compiled once in a test process.

An application is lent to many tests (tests/applications.py), yet made anew for each set of settings, and where a test
changed its shape. Compiling these again for each took more than half of the time of most tests.
"""

from collections.abc import Callable
from types import CodeType
from typing import Any

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import Engine
from werkzeug.routing import Rule

MOST_ENGINES = 4


class KeptTemplates(BytecodeCache):
    """The code of each template; a template whose source differs is another one."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key, bucket.checksum] = bucket.code


class KeptRule(Rule):
    """A rule whose function that builds addresses is shared by all rules of the same parts."""

    _kept: dict[tuple, Callable] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Callable:
        if self.defaults:
            return super()._compile_builder(append_unknown)
        key = (tuple(self._trace), append_unknown)
        if key not in self._kept:
            self._kept[key] = super()._compile_builder(append_unknown)
        return self._kept[key]


class KeptEngines:
    """The engine of each database, which knows the SQL that it has compiled; its connections end with each test."""

    def __init__(self, make: Callable[..., Engine]) -> None:
        self._make = make
        self._kept: dict[str, Engine] = {}

    def __call__(self, bind_key: str | None, options: dict[str, Any], app: Flask) -> Engine:
        key = repr(sorted(options.items()))
        if key not in self._kept:
            while len(self._kept) >= MOST_ENGINES:
                self._kept.pop(next(iter(self._kept)))
            self._kept[key] = self._make(bind_key, options, app)
        return self._kept[key]


def end(engine: Engine) -> None:
    """End the connections of a test, and what it let listen to its statements."""
    engine.dispose()
    for heard in (engine.dispatch.before_cursor_execute, engine.dispatch.after_cursor_execute):
        if heard:
            heard.clear()


def keep(db: SQLAlchemy) -> None:
    """Let every application that is made from now on share what was compiled before."""
    db._make_engine = KeptEngines(db._make_engine)  # type: ignore[method-assign]
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": KeptTemplates()}
    Flask.url_rule_class = KeptRule
