"""Whatever was done to a backup, it is seen before anything of it is used."""

import hashlib
import json
import random
import zipfile
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from crm.extensions import db
from crm.site.backup import archive, making, restoring, verifying
from crm.site.backup.manifest import Faulty, Member
from crm.transfer import storage
from tests import factories


@pytest.fixture
def backup(app, tmp_path) -> Path:
    for number in range(20):
        factories.make_contact(f"person{number}@mail.example")
    db.session.commit()
    storage.uploads()
    (Path(app.config["INSTANCE_PATH"]) / "imports" / "7f0c.csv").write_bytes(b"email\namina@mail.example\n")
    return making.create(tmp_path / "backups").file


def forge(path: Path, change) -> Path:
    """Write a backup with other members or another manifest, and a seal that fits: change(members, manifest)."""
    with zipfile.ZipFile(path) as file:
        members = {name: file.read(name) for name in file.namelist() if name != archive.MANIFEST}
        manifest = json.loads(file.read(archive.MANIFEST))
    change(members, manifest)
    forged = path.with_name("forged.zip")
    with zipfile.ZipFile(forged, "w") as file:
        for name, content in {**members, archive.MANIFEST: json.dumps(manifest).encode()}.items():
            file.writestr(name, content)
        file.comment = b"0" * archive.SEAL
    octets = forged.read_bytes()[: -archive.SEAL]
    forged.write_bytes(octets + hashlib.sha256(octets).hexdigest().encode())
    return forged


def noted(content: bytes) -> dict:
    return asdict(Member(len(content), hashlib.sha256(content).hexdigest()))


def test_a_whole_one_is_whole(backup):
    found = verifying.verify(backup)
    assert found.database == db.engine.dialect.name
    assert found.contents.rows["contact"] == 20
    assert "files/imports/7f0c.csv" in found.members
    assert verifying.verify(forge(backup, lambda members, manifest: None)) == found


def test_a_flipped_bit_is_seen_wherever_it_is(backup, tmp_path):
    octets = backup.read_bytes()
    dice = random.Random(7)
    places = [0, len(octets) - 1, len(octets) - archive.SEAL - 1, *(dice.randrange(len(octets)) for _ in range(60))]
    bad = tmp_path / "bad.zip"
    for place in places:
        bad.write_bytes(octets[:place] + bytes([octets[place] ^ 1 << dice.randrange(8)]) + octets[place + 1 :])
        with pytest.raises(Faulty):
            verifying.verify(bad)


@pytest.mark.parametrize("left", [0, 1, 64, 65, 0.5, -1])
def test_a_file_that_was_cut_off_is_seen(backup, left):
    octets = backup.read_bytes()
    backup.write_bytes(octets[: int(len(octets) * left)] if isinstance(left, float) else octets[:left])
    with pytest.raises(Faulty):
        verifying.verify(backup)


def test_a_count_that_is_wrong_is_seen(backup):
    def claim_more(_members, manifest):
        manifest["contents"]["rows"]["contact"] = 21

    with pytest.raises(Faulty, match="other rows"):
        verifying.verify(forge(backup, claim_more))


def test_a_member_that_is_not_what_the_manifest_says_is_seen(backup):
    def other(members, _manifest):
        members["files/imports/7f0c.csv"] = b"email\nother@mail.example\n"

    with pytest.raises(Faulty, match="not what the manifest says"):
        verifying.verify(forge(backup, other))


@pytest.mark.parametrize(
    "name",
    [
        *("../evil", "/etc/evil", "files/../../evil", "files/imports/../../evil", "files/imports/.evil", "files/x/y/z"),
        *("files\\imports\\evil", "tables/../evil.copy", "C:evil", "files/imports/evil\n", "wsgi.py"),
    ],
)
def test_a_member_that_would_lie_elsewhere_is_refused(backup, fresh, name):
    def lead_out(members, manifest):
        members[name] = b"evil"
        manifest["members"][name] = noted(b"evil")

    forged = forge(backup, lead_out)
    with fresh.app_context(), pytest.raises(Faulty, match="no backup of ours"):
        restoring.restore(forged)
    assert not list(backup.parents[1].rglob("*evil*"))
    assert not Path("/etc/evil").exists()


def test_files_of_folders_that_are_not_kept_are_refused(backup, fresh):
    def add(members, manifest):
        members["files/templates/evil.html"] = b"evil"
        manifest["members"]["files/templates/evil.html"] = noted(b"evil")

    with fresh.app_context(), pytest.raises(Faulty, match="no backup of ours"):
        restoring.restore(forge(backup, add))
    assert not (Path(fresh.config["INSTANCE_PATH"]) / "templates").exists()


def test_what_the_manifest_does_not_name_is_refused(backup):
    with pytest.raises(Faulty, match="does not hold what its manifest names"):
        verifying.verify(forge(backup, lambda members, _: members.update({"files/imports/more.csv": b"x"})))
    with pytest.raises(Faulty, match="does not hold what its manifest names"):
        verifying.verify(forge(backup, lambda members, _: members.pop("files/imports/7f0c.csv")))


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest.update(format=2),
        lambda manifest: manifest.pop("contents"),
        lambda manifest: manifest.update(made_at="yesterday"),
        lambda manifest: manifest.update(members=[]),
        lambda manifest: manifest.update(more=1),
        lambda manifest: manifest.update(database="oracle"),
    ],
)
def test_a_manifest_that_is_none_is_seen(backup, change):
    with pytest.raises(Faulty):
        verifying.verify(forge(backup, lambda _, manifest: change(manifest)))


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_damaged_copy_is_seen_although_its_digest_fits(backup):
    def damage(members, manifest):
        pages = bytearray(members["database.sqlite3"])
        for start in range(4096 * 3, len(pages), 4096 * 5):
            pages[start : start + 64] = b"\xff" * 64
        members["database.sqlite3"] = bytes(pages)
        manifest["members"]["database.sqlite3"] = noted(bytes(pages))

    with pytest.raises(Faulty):
        verifying.verify(forge(backup, damage))


def test_any_other_file_is_no_backup(app, tmp_path):
    for content in (b"", b"PK\x03\x04", b"x" * 10_000):
        (tmp_path / "any").write_bytes(content)
        with pytest.raises(Faulty):
            verifying.verify(tmp_path / "any")


def test_nothing_is_left_lying_in_the_instance_folder(backup, app):
    verifying.verify(backup)
    with pytest.raises(Faulty):
        verifying.verify(forge(backup, lambda _, manifest: manifest["contents"]["rows"].update(contact=1)))
    assert not list(Path(app.config["INSTANCE_PATH"]).glob(f"{verifying.WORKSPACE}*"))


def test_a_bomb_is_let_go_at_the_size_that_the_manifest_says(backup):
    def blow_up(members, manifest):
        members["files/imports/7f0c.csv"] = b"0" * (archive.BLOCK * 64)
        manifest["members"]["files/imports/7f0c.csv"] = asdict(replace(Member(10, "")))

    forged = forge(backup, blow_up)
    with archive.opened(forged) as reader, pytest.raises(Faulty):
        read = [len(block) for block in reader.blocks("files/imports/7f0c.csv")]
        assert sum(read) <= archive.BLOCK
