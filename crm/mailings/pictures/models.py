"""Pictures of mailings."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, Name, Word
from crm.extensions import Model


class MailingPicture(Model):
    """A picture: its files are named by `public_id`, which nobody can guess, and end in `kind` (jpg or png).

    `width` and `height` are those of the larger file, in pixels; `size` is that of it in bytes. `alt` is what a block
    that shows it begins with as its description.
    """

    __tablename__ = "mailing_picture"

    id: Mapped[Id]
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[Word]
    name: Mapped[Name]
    alt: Mapped[Name] = mapped_column(default="")
    width: Mapped[int]
    height: Mapped[int]
    size: Mapped[int]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[CreatedAt]

    user: Mapped[User | None] = relationship()
