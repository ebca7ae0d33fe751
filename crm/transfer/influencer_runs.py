"""A CSV file of influencers in the browser: uploaded, its columns settled, tried without writing, and imported."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice

from sqlalchemy import or_, select, update
from werkzeug.datastructures import FileStorage

from crm.accounts.models import User
from crm.base import audit, clock, database
from crm.contacts.merging import pairs, uniting
from crm.contacts.models import Contact
from crm.extensions import db
from crm.influencers import profiles
from crm.influencers.profiles import Facts
from crm.transfer import influencer_columns, influencer_csv, influencers, storage, tabular
from crm.transfer.models import CHECKED, DONE, NEW, RUNNING, InfluencerImport
from crm.transfer.plain_yaml import Unreadable

SHOWN = 50
BATCH = 500
BROKEN_OFF = timedelta(minutes=10)
GONE = "The file has been removed, as it was not imported within a day. Upload it again."
MOVED_ON = "This import has moved on meanwhile. This is where it stands now."


class MovedOn(Exception):
    """The import is not where it was when the page was opened."""


def receive(upload: FileStorage, user: User) -> InfluencerImport:
    """Store a CSV file, and return the import of it, with the columns that are known; raises Unreadable."""
    try:
        with storage.kept(upload.stream, upload.filename or "") as files:
            if len(files) > 1:
                raise Unreadable("The ZIP file holds several files. Upload them one by one.")
            [(public_id, name)] = files
            form = tabular.inspect(storage.path_of(public_id))
            if form.total > influencer_csv.MAX_ROWS:
                raise Unreadable(influencer_csv.TOO_MANY)
            made = InfluencerImport(public_id=public_id, user_id=user.id, filename=name, total=form.total, found={})
            made.encoding, made.separator, made.header = form.encoding, form.separator, form.header
            made.mapping = influencer_columns.settle(form.header)
            db.session.add(made)
            db.session.flush()
            return made
    except tabular.Refused as refusal:
        raise Unreadable(str(refusal)) from refusal


def find(number: int, user: User) -> InfluencerImport | None:
    """Return the import of that id, where the user uploaded it."""
    own = (InfluencerImport.id == number, InfluencerImport.user_id == user.id)
    return db.session.scalar(select(InfluencerImport).where(*own))


def samples(run: InfluencerImport) -> list[tuple[str, Sequence[str]]]:
    """Return the header of each column and its cells in the first rows, as far as the file is still there."""
    try:
        form = tabular.Format(run.encoding, run.separator, run.header, run.total)
        records = tabular.read(storage.path_of(run.public_id), form)
        rows = [cells for _, cells in islice(records, tabular.SAMPLE_ROWS)]
    except (OSError, tabular.Refused):
        rows = []
    return [(head, [cells[at][:80] for cells in rows if at < len(cells)]) for at, head in enumerate(run.header)]


def check(run: InfluencerImport, mapping: Sequence[str], user: User) -> None:
    """Settle the columns and tell what would happen, writing that alone; raises Unreadable, MovedOn. Commits."""
    number, unknown = run.id, set(mapping) - {"", *influencer_columns.FIELDS}
    if len(mapping) != len(run.header) or unknown:
        raise Unreadable("The columns of the form are not those of the file. Open the import again.")
    influencer_columns.check(run.header, mapping)
    with database.looking():
        found = _tried(*_read(db.session.get_one(InfluencerImport, number), mapping, user), user)
    _move(number, (NEW, CHECKED), state=CHECKED, mapping=list(mapping), found=found)
    db.session.commit()


def run_now(run: InfluencerImport, user: User) -> None:
    """Import the good rows, and leave the bad ones out; raises Unreadable, MovedOn. Commits in short steps.

    Where it was broken off it can be begun again, and finds what was written.
    """
    number, public_id, name = run.id, run.public_id, run.filename
    if run.state not in (CHECKED, RUNNING):
        raise MovedOn(MOVED_ON)
    with database.looking():
        rows, bad = _read(run := db.session.get_one(InfluencerImport, number), run.mapping, user)
        alike = run.found.get("alike", [])
    _move(number, (CHECKED, RUNNING), state=RUNNING, begun_at=clock.now())
    audit.record("import", "influencer", file=name, rows=len(rows))
    db.session.commit()
    outcomes = influencers.write([facts for _, facts in rows], name[:200], influencers.CSV_BASIS, user)
    found = {**outcomes, "bad": bad[:SHOWN], "bad_count": len(bad), "alike": alike, "alike_count": len(alike)}
    _move(number, (RUNNING,), again=True, state=DONE, found=found)
    db.session.commit()
    storage.remove(public_id)


def _read(run: InfluencerImport, mapping: Sequence[str], user: User) -> tuple[list[tuple[int, Facts]], list[str]]:
    try:
        return influencer_csv.read_rows(storage.path_of(run.public_id), mapping, user)
    except FileNotFoundError as error:
        raise Unreadable(GONE) from error


def _tried(rows: list[tuple[int, Facts]], bad: list[str], user: User) -> dict[str, object]:
    outcomes = Counter[str]()
    new = []
    for number, facts in rows:
        outcome = profiles.foresee(facts, user)
        outcomes[outcome] += 1
        if outcome == "created":
            new.append((number, facts))
    alike = list(_alike(new, user))
    return {**outcomes, "bad": bad[:SHOWN], "bad_count": len(bad), "alike": alike[:SHOWN], "alike_count": len(alike)}


def _alike(rows: list[tuple[int, Facts]], user: User) -> Iterator[str]:
    """Yield whom of the new ones somebody on record may be: of the same name, with one more fact that agrees."""
    for start in range(0, len(rows), BATCH):
        batch = [(number, _as_contact(facts)) for number, facts in rows[start : start + BATCH]]
        named = select(Contact).where(Contact.name_key.in_({one.name_key for _, one in batch}), *uniting.seen(user))
        present: dict[str, list[Contact]] = {}
        for contact in db.session.scalars(named.order_by(Contact.id)):
            present.setdefault(contact.name_key, []).append(contact)
        for number, one in batch:
            others = [other for other in present.get(one.name_key, []) if not one.email or one.email != other.email]
            same = [(other, agree) for other in others[: pairs.NAMESAKES] if (agree := pairs.agreements(one, other))]
            if same:
                other, agree = same[0]
                who = f"{other.name} ({other.email or 'no e-mail'})"
                yield f"row {number}: {one.name} may be {who}: the same name and {', '.join(agree)}."


def _as_contact(facts: Facts) -> Contact:
    """Return the person as a row that is never stored."""
    told = {"organization_name": "", "zip_code": "", **facts.person}
    return Contact(email=facts.email, phone=facts.profile.get("phone", ""), **told)


def _move(number: int, before: Sequence[str], *, again: bool = False, **values: object) -> None:
    """Change the import, where it is in one of these states; one that is running only once it was broken off."""
    late = InfluencerImport.begun_at < clock.now() - BROKEN_OFF
    free = or_(InfluencerImport.state != RUNNING, late)
    mine = (InfluencerImport.id == number, InfluencerImport.state.in_(before))
    claim = update(InfluencerImport).where(*mine, *([] if again else [free])).values(**values)
    claim = claim.execution_options(synchronize_session=False)
    if db.session.execute(claim).rowcount != 1:  # type: ignore[attr-defined]
        raise MovedOn(MOVED_ON)
