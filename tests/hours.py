"""Limits count in windows that end with the hour or the day; a test of one stands where none ends meanwhile."""

from datetime import timedelta

import time_machine

from crm.base import clock


def within_an_hour() -> time_machine.travel:
    """Stand at the begin of an hour, and let the time go on."""
    begin = clock.now().replace(minute=1, second=0, microsecond=0) + timedelta(hours=2)
    return time_machine.travel(begin, tick=True)
