"""The stages of influencers."""

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import Id, Name, UtcDateTime, Version, Word
from crm.extensions import Model


class Stage(Model):
    """How far a relationship has come. The `key` stays whatever the label: influencers and their history name it.

    One of the present ones is `before_contact`, where everybody begins and nobody goes stale. `stale_after` counts days
    of silence (none: as the installation has it). A removed one stays for the history; `moved_to` is the key of the
    stage that its influencers went to.
    """

    __tablename__ = "stage"

    id: Mapped[Id]
    key: Mapped[Word] = mapped_column(unique=True)
    label: Mapped[Name]
    position: Mapped[int] = mapped_column(default=0)
    before_contact: Mapped[bool] = mapped_column(default=False)
    stale_after: Mapped[int | None]
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    moved_to: Mapped[Word] = mapped_column(default="")
    version: Mapped[Version]
