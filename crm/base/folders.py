"""Folders of the instance, for files that no database holds."""

from pathlib import Path

from flask import current_app


def private(name: str) -> Path:
    """Return the folder of that name in the instance folder; it is made where there is none, for our eyes alone."""
    folder = Path(current_app.config["INSTANCE_PATH"]) / name
    folder.mkdir(mode=0o700, exist_ok=True)
    return folder
