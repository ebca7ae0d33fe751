"""Pictures of blocks: those to choose from, and those that came with the form."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask import request

from crm.accounts.models import User
from crm.base.block_kinds import blocks
from crm.extensions import db
from crm.mailings.composer.tree import ROOT, Block, Blocks
from crm.mailings.pictures import keeping
from crm.mailings.pictures.models import MailingPicture

OFFERED = 60
ROOM = 2  # files of the largest size that are read


@dataclass(frozen=True)
class Offered:
    """Pictures to choose from: the newest, and those that stand in the blocks, by their public ids."""

    newest: Sequence[MailingPicture]
    shown: Mapping[str, MailingPicture]


def offered(found: Blocks) -> Offered:
    """Return the pictures to choose from on the page of these blocks."""
    newest = db.session.scalars(keeping.matching("").limit(OFFERED)).all()
    wanted = [block[name] for block, _, name in _places(found, ROOT) if block[name]]
    return Offered(newest, {picture.public_id: picture for picture in newest} | keeping.named(wanted))


def keep_sent(found: Blocks, user: User) -> None:
    """Keep the pictures that came with the form, each in the block that it was chosen in; commits. Raises Refused."""
    for block, path, name in list(_places(found, ROOT)):
        upload = request.files.get(f"{path}.{name}.file")
        if upload is not None and upload.filename:
            with keeping.received(upload, str(block.get("alt", "")), user) as picture:
                db.session.commit()
            block[name] = picture.public_id


def _places(found: Blocks, path: str) -> Iterator[tuple[Block, str, str]]:
    """Yield (block, its path, name of the field) for each field that holds a picture."""
    for number, block in enumerate(found):
        here = f"{path}.{number}"
        for field in blocks[block["kind"]].fields:
            if field.kind == "picture":
                yield block, here, field.name
        for side, column in enumerate(block.get("columns", [])):
            yield from _places(column, f"{here}.{side}")
