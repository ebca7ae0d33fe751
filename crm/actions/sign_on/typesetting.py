"""Setting letters as PDF: tagged, so that it can be read aloud, and of nothing but what is given (typesetter.py)."""

import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from typing import Any

from sqlalchemy import select

from crm.actions.sign_on import logos
from crm.actions.sign_on.models import SignOn
from crm.base import clock
from crm.config import ROOT
from crm.extensions import db

TEMPLATE = ROOT / "templates" / "actions" / "sign_on" / "letter.typ"
TYPESETTER = Path(__file__).with_name("typesetter.py")
FONTS = [str(folder) for folder in sorted((ROOT / "crm" / "static" / "vendor").glob("expo-*"))]
SECONDS = 60  # of the process, whatever it does
KEPT = 24  # letters that each process keeps, so that one with thousands of signers is not set for each reader
REST = timedelta(minutes=1)  # after a letter could not be set, until it is tried anew

_one_at_a_time = threading.Lock()
_book = threading.Lock()
_outcomes: "dict[str, bytes | Failed]" = {}  # by the digest of what a letter says, that asked for last at the end


class Unprintable(Exception):
    """The letter cannot be set; the message says why. After so many `seconds` it is tried anew."""

    def __init__(self, why: str, seconds: int = REST.seconds) -> None:
        super().__init__(why)
        self.seconds = seconds


@dataclass(frozen=True)
class Failed:
    """That a letter could not be set, why, and until when nobody tries again."""

    why: str
    until: datetime


def pdf(values: dict[str, Any], logo: bytes | None) -> bytes:
    """Return the PDF of what sheets.values says with the coalition's logo; raises Unprintable, for a minute at once."""
    said = json.dumps(values, sort_keys=True)
    digest = hashlib.sha256(said.encode()).hexdigest()
    found = _remembered(digest)
    if found is None:
        with _one_at_a_time:
            found = _remembered(digest) or _try(digest, said, logo)
    if isinstance(found, Failed):
        raise Unprintable(found.why, max(1, ceil((found.until - clock.now()).total_seconds())))
    return found


def _remembered(digest: str) -> bytes | Failed | None:
    with _book:
        found = _outcomes.pop(digest, None)
        if isinstance(found, Failed) and found.until <= clock.now():
            return None
        if found is not None:
            _outcomes[digest] = found
        return found


def _try(digest: str, said: str, logo: bytes | None) -> bytes | Failed:
    outcome: bytes | Failed
    try:
        outcome = _set(json.loads(said), logo)
    except Unprintable as error:
        outcome = Failed(str(error), clock.now() + REST)
    with _book:
        _outcomes[digest] = outcome
        while len(_outcomes) > KEPT:
            del _outcomes[next(iter(_outcomes))]
    return outcome


def _set(values: dict[str, Any], logo: bytes | None) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        there = {name for name, content in _pictures(values, logo) if (root / name).write_bytes(content)}
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


def _pictures(values: dict[str, Any], logo: bytes | None) -> Iterator[tuple[str, bytes]]:
    """Yield the pictures that the letter shows, by their names, as far as they can be read."""
    if logo and (content := logos.readable(logo, logos.LARGE)):
        yield values["logo"], content
    wanted = {one["logo"] for one in values["signers"] if one["logo"]}
    query = select(SignOn.logo_digest, SignOn.logo).where(SignOn.logo_digest.in_(wanted), SignOn.logo.is_not(None))
    for digest, one in db.session.execute(query):
        if one and (content := logos.readable(one, logos.SMALL)):
            yield digest, content
