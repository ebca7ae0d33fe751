"""Column types and shorthands that all tables share."""

import re
import uuid
from datetime import UTC, datetime
from typing import Annotated, Any

from sqlalchemy import JSON, BigInteger, DateTime, Integer, String, Text, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

from crm.base import clock

# What browsers leave out of an address (WHATWG URL §4.4), and the schemes that hold a program or a page.
IGNORED = re.compile(r"^[\x00-\x20]+|[\t\r\n]")
RUNS = re.compile(r"(javascript|data|vbscript):", re.IGNORECASE)


class UtcDateTime(TypeDecorator[datetime]):
    """Aware datetimes in UTC: refuses naive ones, and reads back aware ones on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: give it a zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class WebAddress(TypeDecorator[str]):
    """An address that links lead to: one that a browser would run instead of opening is read as none.

    Forms and imports refuse such addresses. This is for rows that came some other way: an old backup, a script.
    """

    impl = String
    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        return "" if value and RUNS.match(IGNORED.sub("", value)) else value


class InLanguage:
    """The text in one language, out of a JSON column of texts by language, as an attribute of its own."""

    def __init__(self, column: str, code: str) -> None:
        self.column, self.code = column, code

    def __get__(self, row: Any, owner: type) -> Any:
        return self if row is None else (getattr(row, self.column) or {}).get(self.code, "")

    def __set__(self, row: Any, text: str) -> None:
        texts = {**(getattr(row, self.column) or {}), self.code: (text or "").strip()}
        setattr(row, self.column, {code: text for code, text in texts.items() if text})


Json = JSON().with_variant(JSONB(), "postgresql")
# SQLite's INTEGER has 64 bits anyway, and numbers rows by itself under that name alone.
Long = BigInteger().with_variant(Integer(), "sqlite")

Id = Annotated[int, mapped_column(primary_key=True)]
LongId = Annotated[int, mapped_column(Long, primary_key=True)]
PublicId = Annotated[uuid.UUID, mapped_column(Uuid, unique=True, default=uuid.uuid4)]
Moment = Annotated[datetime, mapped_column(UtcDateTime)]
CreatedAt = Annotated[datetime, mapped_column(UtcDateTime, default=clock.now)]
UpdatedAt = Annotated[datetime, mapped_column(UtcDateTime, default=clock.now, onupdate=clock.now)]
Word = Annotated[str, mapped_column(String(32))]
Name = Annotated[str, mapped_column(String(200))]
Address = Annotated[str, mapped_column(String(254))]
Url = Annotated[str, mapped_column(WebAddress(2000))]
Prose = Annotated[str, mapped_column(Text)]
Version = Annotated[int, mapped_column(default=1)]
JsonObject = Annotated[dict[str, Any], mapped_column(Json, default=dict)]
JsonList = Annotated[list[Any], mapped_column(Json, default=list)]
