"""What the doctor sees on this machine."""

from collections import namedtuple
from pathlib import Path

import pytest

from crm.site.doctor import local


@pytest.mark.parametrize(
    ("version", "state"),
    [
        ((3, 7, 0), "warning"),
        ((3, 40, 1), "warning"),
        ((3, 44, 5), "warning"),
        ((3, 44, 6), "ok"),
        ((3, 45, 0), "warning"),
        ((3, 50, 6), "warning"),
        ((3, 50, 7), "ok"),
        ((3, 51, 2), "warning"),
        ((3, 51, 3), "ok"),
        ((3, 52, 0), "ok"),
    ],
)
def test_versions_of_sqlite_whose_log_can_damage_the_file_are_named(version, state, tmp_path):
    row = local.sqlite(version, tmp_path / "x.sqlite3")
    assert row.state == state
    assert ".".join(map(str, version)) in row.found
    assert ("PostgreSQL" in row.mend) == (state == "warning")


def test_a_network_file_system_is_an_error(tmp_path, monkeypatch):
    mounts = tmp_path / "mounts"
    mounts.write_text(f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path}/share nfs4 rw 0 0\n")
    assert local.file_system(tmp_path / "share" / "x", mounts) == "nfs4"
    assert local.file_system(tmp_path / "sharefold" / "x", mounts) == "ext4"
    monkeypatch.setattr(local, "file_system", lambda path: "nfs4")
    assert local.sqlite((3, 52, 0), Path("/x")).state == "error"


@pytest.mark.parametrize(
    ("url", "development", "state"),
    [
        ("https://coalition.example", False, "ok"),
        ("http://coalition.example", False, "error"),
        ("https://localhost:8000", False, "error"),
        ("http://127.0.0.1:5000", False, "error"),
        ("http://127.0.0.1:5000", True, "ok"),
    ],
)
def test_links_in_mail_must_lead_to_a_safe_address(url, development, state):
    assert local.public_url({"PUBLIC_URL": url, "DEVELOPMENT": development}).state == state


def test_a_short_or_readable_secret_key_is_an_error(tmp_path):
    config = {"SECRET_KEY": "x" * 40, "INSTANCE_PATH": str(tmp_path)}
    assert local.secret_key(config).state == "ok"
    assert local.secret_key(config | {"SECRET_KEY": "dev"}).state == "error"
    (tmp_path / "secret_key").write_text("x")
    (tmp_path / "secret_key").chmod(0o644)
    assert "chmod 600" in local.secret_key(config).mend


def test_a_postal_address_is_wanted():
    assert local.postal_address({"POSTAL_ADDRESS": None}, None).state == "error"
    assert local.postal_address({"POSTAL_ADDRESS": "12 Harbor Street"}, None).state == "ok"


@pytest.mark.parametrize(("free", "state"), [(10**10, "ok"), (5 * 10**8, "warning"), (10**7, "error")])
def test_little_room_is_said_in_time(tmp_path, monkeypatch, free, state):
    monkeypatch.setattr(local.shutil, "disk_usage", lambda path: namedtuple("Usage", "free")(free))
    assert local.disk({"INSTANCE_PATH": str(tmp_path)}).state == state
