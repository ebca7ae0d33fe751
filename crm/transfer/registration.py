"""What imports add to the menu and to backups, and what they hold after a restore."""

from crm.base.registries import Erasure, Hold, MenuEntry, erasures, holds, kept_files, menu
from crm.transfer import forgetting, runs, storage


def register() -> None:
    """Enter the menu entry, the uploaded files, what is forgotten of a person, and that no import goes on by itself."""
    menu.add("imports", MenuEntry("Import", "transfer_staff.index", "contacts.import", 25, within="people"))
    kept_files.add(storage.FOLDER, storage.uploads)
    erasures.add("imports", Erasure("what imports list by name", forgetting.forget))
    holds.add("imports", Hold("imports that are stopped", runs.stop_all))
