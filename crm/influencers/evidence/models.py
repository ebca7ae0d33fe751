"""Evidence files: what stands in the database of them."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.accounts.models import User
from crm.base.columns import CreatedAt, Id, Name, Word
from crm.extensions import Model
from crm.influencers.models import Ask


class AskFile(Model):
    """A file that shows what came of an ask; its bytes lie in the instance folder under the token, size in bytes."""

    __tablename__ = "ask_file"

    id: Mapped[Id]
    ask_id: Mapped[int] = mapped_column(ForeignKey("ask.id", ondelete="CASCADE"), index=True)
    token: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Name]
    kind: Mapped[Word]
    size: Mapped[int]
    note: Mapped[Name] = mapped_column(default="")
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user.id"))
    created_at: Mapped[CreatedAt]

    ask: Mapped[Ask] = relationship()
    user: Mapped[User | None] = relationship()
