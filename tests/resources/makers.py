"""What the tests of the library share: resources, PDFs, uploads."""

import io
from datetime import date, timedelta
from typing import Any

import time_machine
from sqlalchemy import select
from werkzeug.datastructures import FileStorage

from crm.base import clock
from crm.extensions import db
from crm.resources import extracting, filing, library
from crm.resources.models import Download, Resource
from crm.site.demo.paper import written
from tests.contacts.people import hidden

PDF = written(["Idle skills", "Pharmacists wait for transcripts.", "Médicos y enfermeras (2026)"])
VALUES: dict[str, Any] = {
    "kind": "whitepaper",
    "title_en": "Idle skills",
    "summary_en": "Nurses who drive taxis.",
    "authors": "Delacroix, Ruth\nBridgeway Coalition",
    "published_on": date(2026, 3, 9),
    "topics": ["research"],
    "audiences": ["policy"],
    "languages": ["en"],
    "url": "",
    "gate": "free",
    "campaign_id": None,
    "organization_id": None,
    "ask_id": None,
}


def make_resource(*, pdf: bytes | None = PDF, published: bool = True, **values: Any) -> Resource:
    """A resource with a PDF that is not read yet."""
    resource = library.save(Resource(), {**VALUES, **values})
    if pdf is not None:
        add_pdf(resource, pdf)
    if published:
        library.publish(resource)
    db.session.commit()
    return resource


def add_pdf(resource: Resource, pdf: bytes = PDF, language: str = "en", name: str = "idle.pdf") -> None:
    filing.add(resource, filing.stored(FileStorage(io.BytesIO(pdf), name), language))


def read_all() -> None:
    """Read the PDFs that wait, as the worker does."""
    db.session.commit()
    extracting.read_due()
    db.session.expire_all()


def upload(browser: Any, resource_id: int, content: bytes, name: str = "paper.pdf", status: int = 200) -> str:
    data = {"file": (io.BytesIO(content), name), "language": "en"}
    url = f"/staff/library/{resource_id}/files"
    return str(browser.send(url, data, status=status, content_type="multipart/form-data").text)


def press(client: Any, **values: str) -> Any:
    """Press the button of the free file as a person does, in a browser."""
    headers = {"Accept-Language": "en", "User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/128.0"}
    return client.post("/resources/idle-skills/download", data={"language": "en", **values}, headers=headers)


def ask_for(client: Any, slug: str, email: str, **values: Any) -> Any:
    """Open the page, wait like a person, send the form."""
    data = {"email": email, "language": "en", **hidden(client.get(f"/resources/{slug}").text), **values}
    with time_machine.travel(clock.now() + timedelta(seconds=5), tick=False):
        return client.post(f"/resources/{slug}", data=data)


def taken() -> list[Download]:
    db.session.expire_all()
    return list(db.session.scalars(select(Download).order_by(Download.id)))
