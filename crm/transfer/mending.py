"""The rows that could not be imported, as a file that can be mended and imported again."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select

from crm.base import tables
from crm.extensions import db
from crm.transfer import columns, runs, storage, tabular
from crm.transfer.models import ImportRun, RowFault

# A wrong column makes an error of every row; more than this helps nobody.
MAX_FAULTS = 50_000


def faults(run: ImportRun, limit: int = MAX_FAULTS) -> Sequence[RowFault]:
    """Return the rows that cannot be imported, in the order of the file."""
    query = select(RowFault).where(RowFault.run_id == run.id).order_by(RowFault.number)
    return db.session.scalars(query.limit(limit)).all()


def lines(run: ImportRun) -> Iterator[str]:
    """Yield the lines of a CSV file: the faulty rows as they came, and what to mend in a column that is not read.

    The original file is read once more for them; raises OSError where it has been removed.
    """
    storage.path_of(run.public_id).stat()
    kept = [place for place, cell in enumerate(run.header) if columns.key(cell) != columns.key(columns.ERROR_COLUMN)]
    header = [*(run.header[place] for place in kept), columns.ERROR_COLUMN]
    messages = {fault.number: fault.message for fault in faults(run)}
    return tables.csv_lines(header, _rows(run, kept, messages))


def _rows(run: ImportRun, kept: Sequence[int], messages: dict[int, str]) -> Iterator[list[str]]:
    width = len(run.header)
    for number, cells in tabular.read(storage.path_of(run.public_id), runs.form_of(run)):
        if number in messages:
            padded = cells + [""] * (width - len(cells))
            # What is too much stands behind the message, so that every other cell keeps its column.
            yield [*(padded[place] for place in kept), f"Row {number}: {messages[number]}", *padded[width:]]
