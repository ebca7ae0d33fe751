"""What segments can ask of where a contact came from: source, campaign, member, consent, and whom they brought."""

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import InstrumentedAttribute

from crm.base.forms import row_number
from crm.base.segment_fields import SegmentField, segment_fields
from crm.contacts import bringing
from crm.contacts.models import ConsentRecord, Contact, Source
from crm.contacts.segment_tests import Condition, among, number, of_last_row
from crm.extensions import db
from crm.organizations import members

GROUP = "Source and consent"
KINDS = {
    "website": "Website",
    "member": "Member organizations",
    "supporter": "Shared by supporters",
    "mailing": "Mailings",
    "import": "Import",
    "staff": "Added by staff",
}
BROUGHT_HELP = "People who came by the contact's share link, and confirmed that they signed up or what else they did."
CONSENT_HELP = "When the contact agreed last to get mail, whatever the topic."


def register() -> None:
    """Offer the fields."""
    agreed = select(ConsentRecord.contact_id)
    agreed = agreed.where(ConsentRecord.act == "given", ConsentRecord.contact_id.is_not(None))
    fields = {
        "source": SegmentField("Source", "choice", _of(Source.label), _labels(Source.label)),
        "source_kind": SegmentField("Kind of source", "choice", _of(Source.kind), lambda: [*KINDS.items()]),
        "utm_campaign": SegmentField(
            "Campaign of the link (utm)", "choice", _of(Source.utm_campaign), _labels(Source.utm_campaign)
        ),
        "utm_source": SegmentField(
            "Place of the link (utm)", "choice", _of(Source.utm_source), _labels(Source.utm_source)
        ),
        "utm_content": SegmentField(
            "Text of the link (utm)", "choice", _of(Source.utm_content), _labels(Source.utm_content)
        ),
        "member": SegmentField("Brought by member", "choice", _member, _members),
        "brought": SegmentField("Others brought by sharing", "number", number(_brought), help=BROUGHT_HELP),
        "brought_by": SegmentField(
            "Brought by sharing of", "choice", _brought_by, bringing.sharers, named=bringing.name_of_sharer
        ),
        "consent": SegmentField("Agreed", "date", of_last_row(agreed, ConsentRecord.at), help=CONSENT_HELP),
    }
    for name, field in fields.items():
        segment_fields.add(name, replace(field, group=GROUP))


def _of(column: InstrumentedAttribute[str]) -> Condition:
    return lambda test, value: _of_sources(test, column == value)


def _member(test: str, value: str) -> ColumnElement[bool]:
    return _of_sources(test, Source.organization_id == row_number(value))


def _of_sources(test: str, which: ColumnElement[bool]) -> ColumnElement[bool]:
    of_these = and_(Contact.source_id.is_not(None), Contact.source_id.in_(select(Source.id).where(which)))
    return not_(of_these) if test == "is_not" else of_these


def _brought(least: int) -> ColumnElement[bool]:
    """Return the condition over who has credit for so many, those credited to records merged into theirs included."""
    each = bringing.credited().subquery().c.id
    return among(select(each).group_by(each).having(func.count() >= least))


def _brought_by(test: str, value: str) -> ColumnElement[bool]:
    condition = bringing.by_code(value)
    return not_(condition) if test == "is_not" else condition


def _labels(column: InstrumentedAttribute[str]) -> Callable[[], list[tuple[str, str]]]:
    def choices() -> list[tuple[str, str]]:
        labels = db.session.scalars(select(column).where(column != "").distinct().order_by(column))
        return [(label, label) for label in labels]

    return choices


def _members() -> list[tuple[str, str]]:
    return [(str(number), name) for number, name in members.names()]
