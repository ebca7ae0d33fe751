"""Sending in the process of the test."""

from flask import Flask

from crm.delivery import rests
from crm.delivery.sender import Sender
from crm.extensions import db


def send_due(app: Flask) -> None:
    """Send what is due and return. Commits the open session first, which would be in the sender's way."""
    db.session.commit()
    rests.clear(db.engine)
    Sender(app).run(until_idle=True)
