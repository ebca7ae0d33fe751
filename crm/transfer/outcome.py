"""An import in words: where it stands, what was counted, what its columns look like."""

import itertools
from collections.abc import Sequence

from crm.transfer import runs, storage, tabular
from crm.transfer.models import CHECKED, CHECKING, DONE, FAILED, NEW, RUNNING, STOPPED, ImportRun
from crm.transfer.tabular import Refused

STATES = {
    NEW: ("Uploaded", ""),
    CHECKING: ("Dry run", "live"),
    CHECKED: ("Checked", "warn"),
    RUNNING: ("Importing", "live"),
    STOPPED: ("Stopped", "warn"),
    DONE: ("Imported", "good"),
    FAILED: ("Failed", "bad"),
}
COUNTED = {
    "new": "new people",
    "updated": "people on record with something new",
    "unchanged": "people on record without a change",
    "activated": "made active by consent",
    "no_consent": "without a subscription, because nothing proves their consent",
    "kept_out": "kept out, because they unsubscribed or their address is suppressed here",
    "taken_out": "put on the suppression list, because the file says they left or bounced",
    "forgotten": "left out, because they asked to be forgotten",
    "doubled": "rows whose address stands in an earlier row (both are read, and leaving wins)",
    "errors": "rows with errors",
}


def counted(run: ImportRun) -> list[tuple[str, str, int]]:
    """Return (name, words, number) of what was counted, without zeros."""
    return [(name, words, run.counts[name]) for name, words in COUNTED.items() if run.counts.get(name)]


def numbers(run: ImportRun) -> dict[str, object]:
    """Return the file's name, the state (done, or checked after a dry run), its rows, and each count, zeros too."""
    return {"file": run.filename, "state": run.state, "rows": run.total} | {
        name: run.counts.get(name, 0) for name in COUNTED
    }


def columns(run: ImportRun) -> list[tuple[str, Sequence[str]]]:
    """Return the header of each column and its cells in the first three rows, as far as the file is still there."""
    try:
        records = tabular.read(storage.path_of(run.public_id), runs.form_of(run))
        rows = [cells for _, cells in itertools.islice(records, tabular.SAMPLE_ROWS)]
    except (OSError, Refused):
        rows = []
    return [
        (header, [cells[place][:80] for cells in rows if place < len(cells)]) for place, header in enumerate(run.header)
    ]
