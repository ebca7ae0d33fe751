"""Rows in the tables that the sample data leave empty, so that their fields are measured too."""

from datetime import date, time, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Date,
    LargeBinary,
    Numeric,
    String,
    Table,
    Time,
    Uuid,
    func,
    insert,
    select,
)
from sqlalchemy.exc import IntegrityError

from crm.base import clock
from crm.base.columns import UtcDateTime, WebAddress
from crm.extensions import db
from crm.mailings.designs.palettes import STANDARD
from crm.mailings.texts import TEXT

A_TEXT = {"en": "x", "es": "x", "ar": "x"}
BLOCKS = [
    {"id": "1a2b3c4d", "kind": "text", "html": "x"},
    {"id": "2b3c4d5e", "kind": "heading", "text": "x", "level": "1"},
]
PAGE = {"en": {"title": "x", "description": "x", "blocks": BLOCKS}}
REVISION = {**dict.fromkeys(TEXT, "x"), "language": "en", "markup": "blocks", "blocks": BLOCKS, "texts": []}
# A value for what is a code, or must fit to other rows; all else is filled by its type.
VALUES: dict[str, Any] = {
    "acquaintance.knower_contact_id": None,
    "acquaintance.knower_organization_id": None,
    "acquaintance.kind": "colleague",
    "action.kind": "petition",
    "action.state": "published",
    "ask.category": "visibility",
    "attendance.state": "registered",
    "event.state": "published",
    "goal.metric": "confirmed_sign_ups",
    "mailing.kind": "newsletter",
    "mailing.audience": {"people": "topic", "segment": None},
    "influencer.stage": "identified",
    "interaction.kind": "meeting",
    "interaction.openness": "open",
    "member_service.states": ["MA"],
    "plan_template.steps": [{"title": "x", "days": 0, "assignee": "starter", "after": None}],
    "position.stance": "supports",
    "resource.kind": "whitepaper",
    "resource.state": "published",
    "resource_file.state": "read",
    "resource_file.kind": "pdf",
    "saved_filter.wanted": {},
    "sign_up_form.texts": {"en": {"heading": "x", "intro": "x", "thanks": "x"}},
    "site_page.kind": "page",
    "site_page.fixed": None,
    "site_page.content": PAGE,
    "site_page.shown": PAGE,
    "site_page_revision.content": PAGE,
    "task.done_at": None,
    "attendance_import.rows": [],
    "attendance_import.tool": "zoom",
    "calendar_feed.open": True,
    "bounce.effect": "nothing",
    "bounce.kind": "hard",
    "bounce.source": "mailbox",
    "custom_field.kind": "text",
    "digest.rhythm": "weekly",
    "digest.state": "paused",
    "digest_issue.state": "failed",
    "import_run.encoding": "utf-8",
    "ask_file.kind": "pdf",
    "import_run.program": "file",
    "import_run.state": "done",
    "inbound_mail.state": "kept",
    "influencer_import.encoding": "utf-8",
    "influencer_import.found": {},
    "influencer_import.state": "new",
    "mailing_approval.event": "asked",
    "mailing_design.colors": STANDARD,
    "mailing_design.font": "plain",
    "mailing_editing.language": "en",
    "mailing_link_check.outcome": "broken",
    "mailing_picture.kind": "png",
    "mailing_text.language": "es",
    "mailing_wave.zones": [],
    "merged_contact.share_code": "merged",
    "outreach.channel": "email",
    "profile_change.changes": {"role": ["x", "y"]},
    "interaction_change.changes": {"summary": ["x", "y"]},
    "resource_proposal.state": "open",
    "reviewed_text.language": "es",
    "segment.definition": {"op": "and", "not": False, "items": [{"field": "city", "test": "is", "value": "x"}]},
    "sender_check.name": "spf",
    "sender_check.state": "wrong",
    "sequence.state": "paused",
    "sequence.trigger": "topic",
    "mailing_revision.content": REVISION,
    "sending_limit.scope": "domain",
    "sequence_run.state": "left",
    "site_setting.primary": "#225577",
    "sign_on.state": "approved",
    "sign_up.state": "open",
    "sign_up.mail": "confirm",
    "submission.publish": "name",
    "submission.state": "published",
    "suggested_text.kind": "letter",
    "import_run.header": ["x"],
    "import_run.mapping": ["email"],
    "influencer_import.header": ["x"],
    "mailing_answer.text": "x",
}
TEXTS = {"digest.subjects", "digest.intros", "mailing_design.header", "mailing_design.footer", "coalition.purposes"}
ROWS = 12
SECOND = {"second_id", "other_id"}  # must not be the first
IN_LANGUAGES = {"titles", "summaries", "bodies", "descriptions", "labels", "hints", "names", "thanks", "buttons"}
IN_LANGUAGES |= {"outcomes", "abouts", "texts_attended", "texts_missed", "transcripts"}
LEFT_EMPTY = {
    "mailing_timing",
    "mailing_comparison",
    "mailing_editing",
    "mailing_round",
    "mailing_wave",
    "mailing_plan",
}


def fill() -> None:
    """Put rows into each table that has none, so that one of them belongs to a mailing, action or event of any kind.

    Commits.
    """
    for table in db.metadata.sorted_tables:
        if table.name not in LEFT_EMPTY and not db.session.scalar(select(func.count()).select_from(table)):
            for number in range(ROWS if table.foreign_keys else 1):
                _add(table, number)
    db.session.commit()


def _add(table: Table, number: int) -> None:
    row = {column.name: _value(table, column, number) for column in table.columns if not _by_itself(column)}
    try:
        with db.session.begin_nested():
            db.session.execute(insert(table), row)
    except IntegrityError:
        if not number:  # There may be but one, and there is.
            raise


def _by_itself(column: Column[Any]) -> bool:
    return bool(column.primary_key and column.name == "id" and not isinstance(column.type, String | Uuid))


def _value(table: Table, column: Column[Any], number: int) -> Any:
    full, kind = f"{table.name}.{column.name}", column.type
    if full in VALUES:
        return VALUES[full]
    if full in TEXTS or (isinstance(kind, JSON) and column.name in IN_LANGUAGES):
        return A_TEXT
    if column.foreign_keys:
        there = next(iter(column.foreign_keys)).column
        after = number + 1 if column.name in SECOND else number
        rows = db.session.scalar(select(func.count()).select_from(there.table)) or 1
        return db.session.scalar(select(there).order_by(there).offset(after % rows).limit(1))
    if isinstance(kind, JSON):
        return [] if "list" in str(column.default) else {}
    if column.name == "zone":
        return "UTC"
    if isinstance(kind, String | WebAddress):
        default = column.default.arg if column.default is not None and column.default.is_scalar else ""
        return default or ("x" if (kind.length or 999) > 64 else "en" if column.name == "language" else "x")
    for types, value in _SIMPLE:
        if isinstance(kind, types):
            return value() if callable(value) else value
    return 1


_SIMPLE: list[tuple[Any, Any]] = [
    (Boolean, False),
    (UtcDateTime, lambda: clock.now() - timedelta(hours=1)),
    (Date, date(2026, 1, 2)),
    (Time, time(9)),
    (Uuid, uuid4),
    (LargeBinary, b""),
    (Numeric, 1),
]
