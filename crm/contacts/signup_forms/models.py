"""Sign-up forms."""

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from crm.base import locales
from crm.base.columns import CreatedAt, Id, JsonList, JsonObject, Name, Version
from crm.base.locales import Said
from crm.extensions import Model
from crm.organizations.models import Organization


class SignUpForm(Model):
    """A form of its own beside the built-in one; `slug` names it in addresses, and stays for good.

    `texts` are the texts of TEXTS by language. `questions` are objects with the `key` of a custom field and whether it
    is `required`. `topics` are slugs, `members` ids of organizations, `origins` what may show the form in a frame or
    post to it, e.g. https://member.example. `counts_for`: the member that who signs up by it is credited to, unless the
    link that they came by credits somebody.
    """

    __tablename__ = "sign_up_form"

    id: Mapped[Id]
    slug: Mapped[str] = mapped_column(String(64), unique=True)
    name: Mapped[Name] = mapped_column(unique=True)
    texts: Mapped[JsonObject]
    questions: Mapped[JsonList]
    topics: Mapped[JsonList]
    members: Mapped[JsonList]
    origins: Mapped[JsonList]
    source: Mapped[Name] = mapped_column(default="")
    counts_for_id: Mapped[int | None] = mapped_column(ForeignKey("organization.id", ondelete="SET NULL"))
    is_open: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    counts_for: Mapped[Organization | None] = relationship()

    @property
    def credit(self) -> str:
        """The code that credits the member that it counts for, "" for none and for who is no member any more."""
        member = self.counts_for
        return (member.via or "") if member is not None and member.is_member else ""

    def text(self, name: str, language: str) -> Said:
        """Return one of its texts and the language that it is in: English where it is missing; "" for none."""
        texts = {code: (self.texts.get(code) or {}).get(name, "") for code in (language, "en")}
        return locales.said(texts, language)

    def title(self, language: str) -> str:
        """Return what visitors call it: its heading, or its name where it has none."""
        return self.text("heading", language)[0] or self.name
