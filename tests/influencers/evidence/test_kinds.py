"""The kind of an evidence file is told by its content."""

import pytest

from crm.base.shelves import shown_name
from crm.influencers.evidence import kinds
from tests.influencers.evidence.samples import BAD, GOOD


@pytest.mark.parametrize("kind", GOOD)
def test_a_file_is_known_by_its_content_whatever_its_name(tmp_path, kind):
    path = tmp_path / "file.exe"
    path.write_bytes(GOOD[kind])
    assert kinds.of(path) == kind


@pytest.mark.parametrize("name", BAD)
def test_what_is_of_another_kind_is_refused_whatever_its_name(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(BAD[name])
    with pytest.raises(kinds.UnknownKind, match="Choose a file of these kinds"):
        kinds.of(path)


def test_an_empty_file_is_refused(tmp_path):
    (tmp_path / "empty").touch()
    with pytest.raises(kinds.UnknownKind, match="empty"):
        kinds.of(tmp_path / "empty")


def test_text_in_old_encodings_is_text_and_a_control_character_far_inside_is_not(tmp_path):
    path = tmp_path / "file"
    for text in ("Sí".encode("latin-1"), "Sí".encode("utf-16"), "はい".encode("iso-2022-jp")):
        path.write_bytes(text)
        assert kinds.of(path) == "txt"
    path.write_bytes(b"a" * 200_000 + b"\0")
    with pytest.raises(kinds.UnknownKind):
        kinds.of(path)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("C:\\Users\\iris\\letter.PDF", "letter.PDF"),
        ("../../etc/passwd", "passwd.pdf"),
        ("invoice.pdf.exe", "invoice.pdf.exe.pdf"),
        ("a\u202efdp.exe", "afdp.exe.pdf"),
        ("", "evidence.pdf"),
    ],
)
def test_a_name_is_shown_without_its_folders_and_with_an_ending_of_its_kind(given, shown):
    assert shown_name(given, (".pdf",), "evidence") == shown
