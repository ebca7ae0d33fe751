"""What was backed up comes back: every table, every file, and no number twice."""

import stat
from pathlib import Path

from flask_migrate import downgrade, upgrade
from sqlalchemy import insert, text

from crm.base import keys
from crm.base.models import AuditEntry, Installation
from crm.contacts.models import Contact
from crm.delivery import suppression
from crm.delivery.models import Suppression
from crm.extensions import db
from crm.mailings.calendar.models import CalendarFeed
from crm.site.backup import last, making, restoring
from crm.transfer import storage
from tests import factories
from tests.site.backup.rows import ROWS, everything, fill_every_table

# Backup and restore are noted down.
NOTED = "audit_entry"


def test_every_table_comes_back_as_it_was(bare_app, fresh, tmp_path):
    fill_every_table()
    before = everything()
    assert all(before.values())
    made = making.create(tmp_path / "backups")
    with fresh.app_context():
        restored = restoring.restore(made.file)
        after = everything()
        assert after.pop(NOTED)[:ROWS] == before.pop(NOTED)
        assert after == before | {"staff_session": [], "calendar_feed": ended(before["calendar_feed"])}
        assert restored.manifest.contents.rows["contact"] == 3
        assert db.session.query(AuditEntry).filter_by(verb="restore").one().reason == ""
    assert sum(restored.manifest.contents.rows.values()) == made.rows


def test_what_stands_here_makes_room_when_it_must(app, tmp_path):
    contact = factories.make_contact("amina@mail.example")
    db.session.commit()
    made = making.create(tmp_path / "backups")
    db.session.delete(db.session.get(Contact, contact.id))
    factories.make_contact("later@mail.example")
    db.session.commit()
    assert restoring.present()["contact"] == 1
    restoring.restore(made.file)
    assert [c.email for c in db.session.query(Contact)] == ["amina@mail.example"]


def test_who_left_after_the_backup_stays_suppressed(app, tmp_path):
    keys.check()
    suppressed("in-both@mail.example", "unsubscribe")
    suppressed("harder@mail.example", "unsubscribe")
    suppressed("lifted@mail.example", "hard_bounce")
    made = making.create(tmp_path / "backups")
    suppression.lift("lifted@mail.example", by="alice@bridgeway.example")
    suppressed("left@mail.example", "unsubscribe", "research")
    suppressed("complained@mail.example", "complaint")
    suppressed("harder@mail.example", "complaint")
    restored = restoring.restore(made.file)
    assert restored.held[restoring.KEPT] == 3
    assert suppression.reasons("left@mail.example") == {"research": "unsubscribe"}
    assert suppression.reasons("complained@mail.example") == {"*": "complaint"}
    assert suppression.reasons("harder@mail.example") == {"*": "complaint"}
    assert suppression.reasons("in-both@mail.example") == {"*": "unsubscribe"}
    assert suppression.reasons("lifted@mail.example") == {"*": "hard_bounce"}


def test_who_left_stays_suppressed_under_a_backup_from_before_an_update_too(app, tmp_path):
    keys.check()
    db.session.remove()
    downgrade(revision="0011")
    try:
        made = making.create(tmp_path / "backups")
    finally:
        upgrade()
    suppressed("left@mail.example", "unsubscribe")
    assert restoring.restore(made.file).held[restoring.KEPT] == 1
    assert suppression.reasons("left@mail.example") == {"*": "unsubscribe"}


def test_hashes_of_another_key_block_nobody_after_a_restore(app, tmp_path):
    keys.check()
    made = making.create(tmp_path / "backups")
    suppressed("left@mail.example", "unsubscribe")
    app.config["SECRET_KEY"] = "another key, because the first is lost"
    assert restoring.restore(made.file, key_lost=True).held[restoring.KEPT] == 0
    assert db.session.query(Suppression).count() == 0


def test_nobody_new_gets_the_number_of_somebody_who_came_after_the_backup(app, fresh, tmp_path):
    first = factories.make_contact()
    db.session.commit()
    made = making.create(tmp_path / "backups")
    lost = factories.make_contact()
    with fresh.app_context():
        restoring.restore(made.file)
        new = factories.make_contact("new@mail.example")
        db.session.commit()
        assert new.id > restoring.LEAP > lost.id > first.id


def test_uploads_come_back_readable_by_their_owner_alone(app, fresh, tmp_path):
    storage.uploads()
    upload = Path(app.config["INSTANCE_PATH"]) / "imports" / "7f0c.csv"
    upload.write_bytes(b"email\r\namina@mail.example\r\n" * 1000)
    (upload.parent / "7f0c.seen").write_bytes(b"can be made again")
    (Path(app.config["INSTANCE_PATH"]) / "secret_key").write_text("stays at home")
    made = making.create(tmp_path / "backups")
    with fresh.app_context():
        restoring.restore(made.file)
        folder = Path(fresh.config["INSTANCE_PATH"]) / "imports"
        assert [path.name for path in folder.iterdir()] == ["7f0c.csv"]
        assert (folder / "7f0c.csv").read_bytes() == upload.read_bytes()
        assert stat.S_IMODE((folder / "7f0c.csv").stat().st_mode) == 0o600
        assert not (Path(fresh.config["INSTANCE_PATH"]) / "secret_key").exists()


def test_a_backup_from_before_an_update_is_restored_and_brought_up_to_date(app, fresh, tmp_path):
    factories.make_contact("amina@mail.example")
    db.session.commit()
    number = db.session.query(Installation.id).scalar()
    db.session.remove()
    downgrade(revision="0011")
    try:
        made = making.create(tmp_path / "backups")
    finally:
        upgrade()
    with fresh.app_context():
        upgrade()  # It stands at another revision than the backup.
        restored = restoring.restore(made.file)
        assert restored.manifest.contents.revision == "0011"
        assert db.session.query(Contact.email).scalar() == "amina@mail.example"
        assert db.session.query(Installation.id).scalar() == number
        assert db.session.scalar(text("SELECT version_num FROM alembic_version")) > "0011"


def test_the_copy_holds_what_was_committed_when_it_began_and_nothing_half_done(app, tmp_path, monkeypatch):
    factories.make_contact("before@mail.example")
    db.session.commit()
    with db.engine.connect() as other:
        other.execute(insert(Contact.__table__).values(_person("half@mail.example")))
        made = making.create(tmp_path / "backups") if db.engine.dialect.name == "postgresql" else None
        if made is None:  # The backup is noted down at the end, which waits for SQLite's one writer.
            monkeypatch.setattr(making.audit, "record", lambda *_, **__: None)
            made = making.create(tmp_path / "backups")
        other.rollback()
    restoring.restore(made.file)
    assert [c.email for c in db.session.query(Contact)] == ["before@mail.example"]


def test_the_last_good_one_is_known_after_a_restore_too(app, fresh, tmp_path):
    assert last.good() is None
    first = making.create(tmp_path / "backups")
    found = last.good()
    assert (found.made_at, found.file) == (first.made_at, str(first.file))


def ended(links: list) -> list:
    """The links to the calendar as a restore leaves them: none of them opens it any more."""
    place = [column.name for column in CalendarFeed.__table__.columns].index("open")
    return [(*link[:place], False, *link[place + 1 :]) for link in links]


def suppressed(address: str, reason: str, list_id: str = suppression.EVERY_LIST) -> None:
    suppression.suppress(address, reason, list_id)
    db.session.commit()


def _person(email: str) -> dict:
    return {"email": email, "address_hash": "x", "share_code": "half", "first_name": "", "last_name": ""}
