"""Spreadsheets out (XLSX): typed cells, and no text that becomes a formula or a link.

A book is written to disk row by row, so that a large one takes no more memory than a small one.
"""

import io
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter  # type: ignore[import-untyped]
from flask import Response, send_file

MIMETYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_575  # Below the header; a sheet holds no more.
LONGEST = 32_767  # Characters of a cell.
# Text stays text; and the moments that a sheet holds know no zone.
OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "remove_timezone": True,
}
NARROW, WIDE, WIDEST = 8, 16, 48


@dataclass(frozen=True)
class Sheet:
    """One sheet: its name, the heads of its columns with their widths in characters, and its rows."""

    name: str
    columns: Sequence[tuple[str, int]]
    rows: Iterable[Sequence[Any]]


def write(file: IO[bytes], sheets: Iterable[Sheet], zone: str = "UTC") -> None:
    """Write a book of these sheets; moments are told in that zone. Raises OverflowError for too many rows."""
    with xlsxwriter.Workbook(file, OPTIONS) as book:
        formats = {
            "head": book.add_format({"bold": True, "bottom": 1}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        }
        for sheet in sheets:
            _write_sheet(book.add_worksheet(sheet.name), sheet, formats, ZoneInfo(zone))


def send(sheets: Iterable[Sheet], name: str, zone: str = "UTC") -> Response:
    """Return the answer that sends a book as a file of that name, which no cache keeps."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  The server closes it once it is sent.
    try:
        write(file, sheets, zone)
    except BaseException:
        file.close()
        raise
    file.seek(0, io.SEEK_SET)
    answer = send_file(file, MIMETYPE, as_attachment=True, download_name=f"{name}.xlsx")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _write_sheet(page: Any, sheet: Sheet, formats: dict[str, Any], zone: ZoneInfo) -> None:
    page.freeze_panes(1, 0)
    for place, (head, width) in enumerate(sheet.columns):
        page.set_column(place, place, width)
        page.write_string(0, place, head, formats["head"])
    for number, row in enumerate(sheet.rows, 1):
        if number > MOST_ROWS:
            raise OverflowError(f"a sheet holds at most {MOST_ROWS:,} rows")
        for place, value in enumerate(row):
            _write_cell(page, number, place, value, formats, zone)


def _write_cell(page: Any, row: int, column: int, value: Any, formats: dict[str, Any], zone: ZoneInfo) -> None:
    if value is None or value == "":
        return
    if isinstance(value, datetime):
        page.write_datetime(row, column, value.astimezone(zone), formats["moment"])
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime(value.year, value.month, value.day), formats["date"])
    elif isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        page.write_number(row, column, float(value))
    else:
        page.write_string(row, column, str(value)[:LONGEST])
