"""Mailings that are part of something else: a step of a sequence, or the other version of one that is compared."""

from sqlalchemy import ColumnElement, and_, select

from crm.mailings.comparing import pairing
from crm.mailings.comparing.models import MailingComparison
from crm.mailings.models import Mailing
from crm.mailings.sequences import using


def stands_alone() -> ColumnElement[bool]:
    """Return the condition that a mailing is part of nothing else."""
    return and_(using.is_no_step(), Mailing.id.not_in(select(MailingComparison.other_id)))


def of_what(mailing_id: int) -> str:
    """Return what a mailing is part of, in words that begin a sentence; "" where it stands alone."""
    if step := using.step_of(mailing_id):
        return f"It is a step of the sequence {step.sequence.name}"
    if main := pairing.main_of(mailing_id):
        return f"It is version B of {main.subject or 'a mailing without a subject'}"
    return ""
