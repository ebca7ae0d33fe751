"""Files that anybody may have sent are read in bounds, or refused with a message that says what to do."""

import csv
import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.base import tables
from crm.transfer import tabular
from crm.transfer.tabular import Refused


def written(tmp_path, content: bytes | str):
    path = tmp_path / "file.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_the_separator_encoding_and_line_ends_are_found_out(tmp_path, separator, encoding, newline):
    rows = [["email", "First Name", "Tags"], ["jose@mail.example", "José", f"a{separator} b"]]
    lines = [separator.join(f'"{cell}"' for cell in row) for row in rows]
    path = written(tmp_path, newline.join(lines).encode(encoding))
    form = tabular.inspect(path)
    assert (form.header, form.total, form.separator) == (rows[0], 1, separator)
    assert [cells for _, cells in tabular.read(path, form)] == rows[1:]


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(tmp_path):
    path = written(tmp_path, 'email,note\na@x.example,"two\nlines"\n\n,\nb@x.example,\n')
    form = tabular.inspect(path)
    assert [(number, cells[0]) for number, cells in tabular.read(path, form)] == [
        (2, "a@x.example"),
        (5, "b@x.example"),
    ]
    assert form.total == 2
    assert [cells[0] for _, cells in tabular.read(path, form, skip=1)] == ["b@x.example"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"email,name\n", "nothing below"),
        ("email\na@x.example\n".encode("utf-16"), "UTF-16"),
        ("email\na@x.example\n".encode("utf-16-le"), "NUL"),
        (b"email\na\x00b@x.example\n", "NUL"),
        (b"email,name\na@x.example,\x81\x8d\xff\n", "neither in UTF-8 nor in Windows-1252"),
        (b"PK\x03\x04....", "CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0....", "CSV UTF-8"),
        (b"%PDF-1.7", "PDF"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b"amina@mail.example,Amina\nb@mail.example,B\n", "first row holds an e-mail address"),
        (b"email," + b"x," * 250 + b"\na@x.example\n", "200 columns"),
        (b'email,note\na@x.example,"never closed\n' + b"b@x.example,x\n" * 20_000, "quotation mark"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_reason(tmp_path, content, words):
    with pytest.raises(Refused, match=words):
        tabular.inspect(written(tmp_path, content))


def test_ten_megabytes_in_one_cell_are_refused_by_row(tmp_path):
    path = written(tmp_path, b"email,note\na@x.example,ok\nb@x.example," + b"x" * 10_000_000 + b"\n")
    tracemalloc.start()
    with pytest.raises(Refused, match="Row 3 has a cell of more than 10,000 characters"):
        tabular.inspect(path)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_too_many_rows_and_too_large_files_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(tabular, "MAX_ROWS", 2)
    with pytest.raises(Refused, match="more than 2 rows"):
        tabular.inspect(written(tmp_path, "email\n" + "a@x.example\n" * 3))
    monkeypatch.setattr(tabular, "MAX_BYTES", 10)
    with pytest.raises(Refused, match="larger than"):
        tabular.inspect(written(tmp_path, "email\n" + "a@x.example\n" * 3))


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused_but_nothing_else(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "file.csv"
    path.write_bytes(content)
    try:
        form = tabular.inspect(path)
    except Refused:
        return
    assert len(list(tabular.read(path, form))) == form.total


CELLS = (
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=40)
    .map(str.strip)
    .filter(lambda cell: not cell.startswith("'"))
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, st.just("x")), min_size=1, max_size=5))
def test_what_we_write_formula_safe_reads_back_as_it_was(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("back") / "file.csv"
    path.write_text("".join(tables.csv_lines(["email", "note", "mark"], rows)), encoding="utf-8", newline="")
    read = [tuple(cells) for _, cells in tabular.read(path, tabular.inspect(path))]
    assert read == [tuple(cell.strip() for cell in row) for row in rows]


def test_a_formula_is_written_so_that_a_spreadsheet_does_not_run_it():
    text = "".join(tables.csv_lines(["a"], [["=1+1"]]))
    assert next(csv.reader(io.StringIO(text.splitlines()[1]))) == ["'=1+1"]
