"""Whether the form of the present request is let through: at once, after its check, or not yet."""

from dataclasses import dataclass

from flask import request

from crm.base import networks
from crm.contacts.defence import proof, suspicion

FREE, PASSED, STOPPED, TOO_MANY = "free", "passed", "stopped", "too_many"


@dataclass(frozen=True)
class Check:
    """What the page shows: a challenge for the widget, and where waiting helps, a ticket and its seconds."""

    challenge: str
    ticket: str = ""
    seconds: int = 0


def verdict() -> str:
    """Count the form, and return FREE, PASSED (the check that it came with is used up), STOPPED or TOO_MANY.

    Never commits; a network that has had its share of the hour is not asked to work for what it will not get.
    """
    network = networks.of_request()
    arrival = suspicion.note_arrival(network)
    if arrival != suspicion.SUSPICIOUS:
        return TOO_MANY if arrival == suspicion.FULL else FREE
    solved = proof.solved(request.form.get("altcha", ""))
    return PASSED if solved or proof.waited(request.form.get("ticket", ""), network) else STOPPED


def check() -> Check:
    """Return a new check for a form that was stopped; a wait that has begun goes on."""
    challenge = proof.challenge()
    if not proof.may_wait(networks.of_request()):
        return Check(challenge)
    ticket = request.form.get("ticket", "")
    left = proof.seconds_left(ticket)
    return Check(challenge, ticket, left) if left else Check(challenge, proof.ticket(), proof.WAIT)
