"""Where the public files lie that some tests read; such a test is skipped where they are not."""

import os
from pathlib import Path

import pytest

from crm.config import ROOT


def public_file(name: str) -> Path:
    """Return the file in GROUNDSWELL_DATA, or in shared/data beside the checkout or one folder further up."""
    given = os.environ.get("GROUNDSWELL_DATA")
    places = [Path(given)] if given else [folder / "shared" / "data" for folder in list(ROOT.parents)[:2]]
    for place in places:
        if (place / name).is_file():
            return place / name
    pytest.skip(f"{name} is not here: set GROUNDSWELL_DATA to the folder of the public data")
