"""Setting letters as PDF: tagged, so that it can be read aloud, and of nothing but what is given (typesetter.py)."""

import io
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm.actions.sign_on import logos
from crm.actions.sign_on.models import SignOn
from crm.base.changes import Refused
from crm.config import ROOT
from crm.extensions import db
from crm.organizations import coalition

TEMPLATE = ROOT / "templates" / "actions" / "sign_on" / "letter.typ"
TYPESETTER = Path(__file__).with_name("typesetter.py")
FONTS = [str(folder) for folder in sorted((ROOT / "crm" / "static" / "vendor").glob("expo-*"))]
SECONDS = 60  # of the process, whatever it does
LARGE, SMALL = (800, 180), (300, 100)  # pixels at most, of the coalition's logo and of those that sign
KEPT = 24  # letters that each process keeps, so that one with thousands of signers is not set for each reader
_one_at_a_time = threading.Lock()


class Unprintable(Exception):
    """The letter cannot be set; the message says why."""


def pdf(values: dict[str, Any]) -> bytes:
    """Return the PDF of what sheets.values says; raises Unprintable."""
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
        _run([sys.executable, "-I", str(TYPESETTER), folder, *FONTS])
        return (root / "letter.pdf").read_bytes()


def _run(command: list[str]) -> None:
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "RAYON_NUM_THREADS": "2"}  # Each thread takes addresses.
    try:
        ended = subprocess.run(  # noqa: S603  Our own program.
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=environment,
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Unprintable("it takes too long") from error
    if ended.returncode != 0:
        said = ended.stderr.decode(errors="replace").strip() if ended.returncode == 1 else ""
        raise Unprintable(said.splitlines()[-1] if said else "it takes too much time or memory")


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
