"""What shows that a contact is still interested: a registry that the subjects fill at assembly."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from crm.base.registries import Registry

activities: Registry[Callable[[datetime], Any]] = Registry()
"""Functions from a moment to the condition, over contacts, of having done something of one kind since then."""
