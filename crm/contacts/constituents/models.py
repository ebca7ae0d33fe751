"""Constituents, as they were counted last."""

from sqlalchemy import Index, String, func
from sqlalchemy.orm import Mapped, mapped_column

from crm.base.columns import CreatedAt, JsonObject
from crm.contacts.models import Contact
from crm.extensions import Model

# A ZIP code may have four more digits on record.
Index("ix_contact_zip5", func.substr(Contact.zip_code, 1, 5))


class ConstituentCount(Model):
    """How many active supporters a constituency has, by its key; that of all constituencies has the key "".

    `neighboring` of them may live in another one, as their ZIP code lies in several. `by_month` maps months, e.g.
    2026-03, to how many of them confirmed in it. Rows that did not change stay as they are: the row of all tells when.
    """

    __tablename__ = "constituent_count"

    key: Mapped[str] = mapped_column(String(210), primary_key=True)
    total: Mapped[int]
    neighboring: Mapped[int]
    by_month: Mapped[JsonObject]
    counted_at: Mapped[CreatedAt]
