"""Making a backup, and letting go of old ones only once the new one is known to be whole."""

import os
import stat
import time
from pathlib import Path

import pytest

from crm.base.models import AuditEntry
from crm.extensions import db
from crm.site.backup import making, verifying
from crm.site.backup.manifest import Faulty


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_file_is_named_for_the_moment_and_readable_by_its_owner_alone(app, tmp_path):
    made = making.create(tmp_path / "deep" / "backups")
    assert made.file.name.endswith(f"-{made.made_at:%Y%m%dT%H%M%SZ}.zip")
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.file.parent.stat().st_mode) == 0o700
    assert names(made.file.parent) == [made.file.name]
    noted = db.session.query(AuditEntry).filter_by(thing="backup").one()
    assert (noted.verb, noted.changes["file"], noted.changes["size"]) == ("create", str(made.file), made.size)


def test_the_oldest_beyond_the_number_go_and_those_of_others_stay(app, tmp_path):
    first = making.create(tmp_path)
    prefix = first.file.name.rpartition("-")[0]
    for day in (1, 2, 3):
        (tmp_path / f"{prefix}-2026010{day}T031700Z.zip").touch()
    (tmp_path / "groundswell-00000000-20200101T000000Z.zip").touch()
    time.sleep(1)
    made = making.create(tmp_path, keep=3)
    assert [path.name[-20:-4] for path in made.deleted] == ["20260101T031700Z", "20260102T031700Z"]
    assert (tmp_path / "groundswell-00000000-20200101T000000Z.zip").exists()
    kept = [name for name in names(tmp_path) if name.startswith(prefix)]
    assert kept == [f"{prefix}-20260103T031700Z.zip", first.file.name, made.file.name]


def test_one_that_cannot_be_read_back_is_none_and_the_old_ones_stay(app, tmp_path, monkeypatch):
    first = making.create(tmp_path / "backups")

    def fail(_reader, _place):
        raise Faulty("It was written badly.")

    monkeypatch.setattr(verifying.KINDS[db.engine.dialect.name], "check", fail)
    with pytest.raises(Faulty):
        making.create(tmp_path / "backups", keep=1)
    assert names(tmp_path / "backups") == [first.file.name]
    assert db.session.query(AuditEntry).filter_by(thing="backup").count() == 1


def test_what_a_killed_one_left_is_swept_after_a_day(app, tmp_path):
    instance = Path(app.config["INSTANCE_PATH"])
    old = [tmp_path / "b" / ".groundswell-1-1.part", instance / f"{verifying.WORKSPACE}old"]
    new = [tmp_path / "b" / ".groundswell-1-2.part", instance / f"{verifying.WORKSPACE}new"]
    (tmp_path / "b").mkdir()
    for file, folder in (old, new):
        file.touch()
        folder.mkdir()
    for path in old:
        os.utime(path, (time.time() - 90_000,) * 2)
    making.create(tmp_path / "b")
    assert not any(path.exists() for path in old)
    assert all(path.exists() for path in new)


def test_without_tables_there_is_nothing_to_copy(fresh, tmp_path):
    with fresh.app_context(), pytest.raises(making.NoTables):
        making.create(tmp_path / "b")
    assert not (tmp_path / "b").exists()
