"""Sign-up forms."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from crm.base import locales
from crm.base.columns import CreatedAt, Id, JsonList, JsonObject, Name, Version
from crm.base.locales import Said
from crm.extensions import Model


class SignUpForm(Model):
    """A form of its own beside the built-in one; `slug` names it in addresses, and stays for good.

    `texts` are the texts of TEXTS by language. `questions` are objects with the `key` of a custom field and whether it
    is `required`. `topics` are slugs, `members` ids of organizations, `origins` what may show the form in a frame or
    post to it, e.g. https://member.example.
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
    is_open: Mapped[bool] = mapped_column(default=True)
    version: Mapped[Version]
    created_at: Mapped[CreatedAt]

    def text(self, name: str, language: str) -> Said:
        """Return one of its texts and the language that it is in: English where it is missing; "" for none."""
        texts = {code: (self.texts.get(code) or {}).get(name, "") for code in (language, "en")}
        return locales.said(texts, language)

    def title(self, language: str) -> str:
        """Return what visitors call it: its heading, or its name where it has none."""
        return self.text("heading", language)[0] or self.name
