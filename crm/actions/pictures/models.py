"""Pictures of actions."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.actions.models import Action
from crm.base import locales
from crm.base.columns import CreatedAt, Id, InLanguage, JsonObject, Name
from crm.extensions import Model

LARGE, SMALL = (1200, 1800), (600, 900)  # pixels at most, of width and height


class ActionPicture(Model):
    """A picture: its files are named by `public_id`, which nobody can guess; the first of an action stands on its page.

    `name` is what its file is called where somebody takes it, `alts` its description by language. `width` and `height`
    are those of the large file, in pixels.
    """

    __tablename__ = "action_picture"

    id: Mapped[Id]
    action_id: Mapped[int] = mapped_column(ForeignKey("action.id", ondelete="CASCADE"), index=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[Name]
    alts: Mapped[JsonObject]
    width: Mapped[int]
    height: Mapped[int]
    created_at: Mapped[CreatedAt]

    action: Mapped[Action] = relationship()

    alt_en, alt_es, alt_ar = InLanguage("alts", "en"), InLanguage("alts", "es"), InLanguage("alts", "ar")

    @property
    def file(self) -> str:
        """The name of the large file."""
        return f"{self.public_id}.jpg"

    @property
    def small_file(self) -> str:
        """The name of the small file."""
        return f"{self.public_id}-small.jpg"

    @property
    def small_width(self) -> int:
        """The width of the small file, in pixels."""
        return min(self.width, SMALL[0], SMALL[1] * self.width // self.height)

    def alt(self, language: str) -> locales.Said:
        """Return its description in that language, or in another."""
        return locales.said(self.alts, language)
