"""Where the files and covers of resources lie."""

from crm.base.shelves import Shelf

SHELF = Shelf("resources")
