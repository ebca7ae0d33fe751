"""Setting letters as PDF: tagged, so that it can be read aloud, and of nothing but what is given (Typst)."""

import io
import json
import tempfile
import threading
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import typst
from sqlalchemy import select

from crm.actions.sign_on import logos
from crm.actions.sign_on.models import SignOn
from crm.base.changes import Refused
from crm.config import ROOT
from crm.extensions import db
from crm.organizations import coalition

TEMPLATE = ROOT / "templates" / "actions" / "sign_on" / "letter.typ"
FONTS = ROOT / "crm" / "static" / "vendor"
FAMILIES = ("expo-public-sans", "expo-vazirmatn", "expo-noto-sans")
ACCESSIBLE = "ua-1"  # PDF/UA-1, ISO 14289-1
LARGE, SMALL = (800, 180), (300, 100)  # pixels at most, of the coalition's logo and of those that sign
KEPT = 8  # letters that each process keeps, so that one with thousands of signers is not set for each reader
_one_at_a_time = threading.Lock()


class Unprintable(Exception):
    """The letter cannot be set; the message says why."""


def pdf(values: dict[str, Any]) -> bytes:
    """Return the PDF of what sheets.values says; raises Unprintable.

    It is PDF/UA-1 unless something in it forbids that, as a sign that no font has; then it is tagged all the same.
    """
    with _one_at_a_time:
        return _set(json.dumps(values, sort_keys=True))


@lru_cache(maxsize=KEPT)
def _set(said: str) -> bytes:
    values = json.loads(said)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        there = {name for name, content in _pictures(values) if (root / name).write_bytes(content)}
        for one in (values, *values["signers"]):
            one["logo"] = one["logo"] if one["logo"] in there else None
        (root / "letter.json").write_text(json.dumps(values), encoding="utf-8")
        (root / TEMPLATE.name).write_bytes(TEMPLATE.read_bytes())
        # What is looked for, is looked for in this folder alone: no packages, no fonts of the machine.
        compiler = typst.Compiler(
            str(root / TEMPLATE.name),
            root=folder,
            font_paths=_fonts(),
            ignore_system_fonts=True,
            package_path=folder,
            package_cache_path=folder,
        )
        try:
            return _compiled(compiler, ACCESSIBLE)
        except typst.TypstError:
            return _compiled_somehow(compiler)


def _compiled_somehow(compiler: typst.Compiler) -> bytes:
    try:
        return _compiled(compiler)
    except typst.TypstError as error:
        raise Unprintable(error.message) from error


def _compiled(compiler: typst.Compiler, *standards: Any) -> bytes:
    made = compiler.compile(format="pdf", pdf_standards=list(standards))
    assert isinstance(made, bytes)
    return made


def _pictures(values: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures that the letter shows, by their names, as far as they can be read."""
    found = coalition.current()
    if values["logo"] and found and found.logo and (content := _painted(found.logo, LARGE)):
        yield values["logo"], content
    wanted = {one["logo"] for one in values["signers"] if one["logo"]}
    query = select(SignOn.logo_digest, SignOn.logo).where(SignOn.logo_digest.in_(wanted), SignOn.logo.is_not(None))
    for digest, logo in db.session.execute(query):
        if logo and (content := _painted(logo, SMALL)):
            yield digest, content


def _painted(content: bytes, size: tuple[int, int]) -> bytes | None:
    try:
        return logos.painted(io.BytesIO(content), size)
    except Refused:
        return None


@cache
def _fonts() -> typst.Fonts:
    folders: list[Any] = [FONTS / family for family in FAMILIES]
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=folders)
