"""What all applications of the tests compile alike: templates and addresses, each compiled once in a test process.

Every test makes an application of its own. Compiling these again took more than half of the time of most tests.
"""

from collections.abc import Callable
from types import CodeType

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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


def keep() -> None:
    """Let every application that is made from now on share what was compiled before."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": KeptTemplates()}
    Flask.url_rule_class = KeptRule
