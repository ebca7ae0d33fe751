"""Where evidence files lie."""

from crm.base.shelves import Shelf

SHELF = Shelf("evidence")
