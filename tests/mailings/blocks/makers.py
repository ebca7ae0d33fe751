"""Makers of blocks and pictures for these tests."""

import io
from itertools import count
from typing import Any

from PIL import Image
from werkzeug.datastructures import FileStorage

from crm.extensions import db
from crm.mailings import identity, rendering
from crm.mailings.blocks import checking
from crm.mailings.models import Mailing
from crm.mailings.pictures import keeping
from crm.mailings.pictures.models import MailingPicture
from tests import factories

numbers = count(1)


def block(kind: str, **values: Any) -> dict[str, Any]:
    return {"id": f"{next(numbers):08d}", "kind": kind, **values}


def mail_of(*blocks: dict[str, Any], rewrite=lambda url: url, **values: Any) -> rendering.Rendered:
    """The mail of these blocks, as it is before merge fields are filled in."""
    defaults = {"kind": "newsletter", "language": "en", "subject": "Hello", "preheader": "", "body": ""}
    mailing = Mailing(**{**defaults, **values}, markup="blocks", blocks=checking.cleaned(list(blocks)))
    return rendering.render(mailing, identity.current(), rewrite=rewrite)


def make_picture(width: int = 1600, height: int = 900, name: str = "march.jpg") -> MailingPicture:
    content = io.BytesIO()
    Image.new("RGB", (width, height), "#406080").save(content, "JPEG")
    content.seek(0)
    user = factories.make_user("organizer", email=f"painter{next(numbers)}@bridgeway.example")
    db.session.commit()
    with keeping.received(FileStorage(content, name), "", user) as picture:
        db.session.commit()
    return picture
