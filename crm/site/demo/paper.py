"""A plain PDF of some lines of text, written by hand: for sample data, which no library of ours can make."""

from collections.abc import Sequence

LINES_A_PAGE = 44
PAGE = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>"


def written(lines: Sequence[str]) -> bytes:
    """Return a PDF (1.4) of these lines, the first as a heading; of Latin letters alone."""
    pages = [lines[first : first + LINES_A_PAGE] for first in range(0, max(1, len(lines)), LINES_A_PAGE)]
    numbers = [4 + 2 * place for place in range(len(pages))]
    kids = " ".join(f"{number} 0 R" for number in numbers)
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in zip(numbers, pages, strict=True):
        drawn = _drawn(page, heading=number == numbers[0])
        bodies += [PAGE.format(number + 1).encode(), b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn)]
    return _file(bodies)


def _drawn(lines: Sequence[str], *, heading: bool) -> bytes:
    parts = [b"BT 14 TL 72 720 Td"]
    for place, line in enumerate(lines):
        size = 20 if heading and place == 0 else 11
        text = line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        parts.append(b"/F1 %d Tf (%s) Tj T*" % (size, text) + (b" T*" if size == 20 else b""))
    return b"\n".join([*parts, b"ET"])


def _file(bodies: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(bodies) + 1
    head = b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
    return out + head + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (size, len(out))
