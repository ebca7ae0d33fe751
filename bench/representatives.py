"""Do 500 random ZIP codes lead to the right members of Congress, and who sits on two committees to a channel there is?

Imports the public files (legislators, committees, districts) into an empty installation, asks for each ZIP code as the
page does, and compares with a plain reading of the same YAML and CSV that shares no code with the program. A JSON line.

    python -m bench.representatives FOLDER [--zip-codes 500] [--seed 1]
"""

import argparse
import csv
import random
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import select

from bench import stage
from crm.actions.models import Action
from crm.actions.targets import channels, recipients
from crm.actions.targets.recipients import Home
from crm.base import clock
from crm.cli import main as command
from crm.extensions import db
from crm.influencers.models import Influencer
from crm.influencers.offices.models import CommitteeSeat

COMMITTEES = ("HSED", "SSHR")
LEGISLATORS, MEMBERS, TABLE = "legislators-current.yaml", "committee-membership-current.yaml", "zccd.csv"


def main() -> bool:
    """Import, compare, print a JSON line, and return whether all were right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the public files are")
    parser.add_argument("--zip-codes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with stage.folder() as place, stage.installation("sqlite", place, stage.free_port()) as here:
        runner = here.app.test_cli_runner()
        for words in (["districts", TABLE], ["influencers", LEGISLATORS, "--committees", str(asked.folder / MEMBERS)]):
            words[1] = str(asked.folder / words[1])
            result = runner.invoke(command, ["import", *words])
            assert result.exit_code == 0, result.output
        return compare(asked.folder, asked.zip_codes, asked.seed)


def compare(folder: Path, number: int, seed: int) -> bool:
    """Compare both ways of reading, and tell."""
    house, senate, names = plain_legislators(folder / LEGISLATORS)
    table = plain_table(folder / TABLE)
    zip_codes = random.Random(seed).sample(sorted(table), number)
    action = Action(
        kind="letter", options={"whom": recipients.BY_ZIP}, titles={"en": "x"}, slug="x", published_at=clock.now()
    )
    db.session.add(action)
    db.session.commit()
    begun, wrong, found = time.monotonic(), [], Counter[str]()
    for zip_code in zip_codes:
        home = Home.of(zip_code)
        offered = [*recipients.offered(action, home), *recipients.unreachable(action, home)]
        got = {(one.influencer.external_id or "").removeprefix("bioguide:") for one in offered if one.influencer}
        wanted = set().union(*(house[place] | senate[place[0]] for place in table[zip_code]))
        found.update(one.channel or "none on record" for one in offered)
        if got != wanted:
            wrong.append([zip_code, sorted(names[one] for one in got ^ wanted)])
    seconds = time.monotonic() - begun
    committees = of_committees(folder)
    facts = {"zip_codes": number, "in_several_districts": sum(len(table[one]) > 1 for one in zip_codes)}
    facts |= {"wrong": wrong, "led_to": dict(found), "ms_a_zip_code": round(seconds * 1000 / number, 1)}
    stage.tell(bench="representatives", **facts, **committees)
    counted = 0 < number <= found.total() and committees["members"] > 0
    ways = "email" not in found and not committees["without_channel"] and not committees["mailed"]
    return counted and not wrong and ways


def of_committees(folder: Path) -> dict[str, Any]:
    """Return how many sit on the committees, and by which channel in the data a letter leads to each."""
    raw = {one["id"]["bioguide"]: one["terms"][-1] for one in plain_yaml(folder / LEGISLATORS)}
    sits = select(CommitteeSeat.influencer_id).where(CommitteeSeat.code.in_(COMMITTEES))
    ways, mailed, without = Counter[str](), 0, []
    members = db.session.scalars(select(Influencer).where(Influencer.id.in_(sits))).all()
    for number, one in enumerate(members):
        one.contact.email = f"member{number}@mail.house.gov" if number % 2 else f"member{number}@campaign.example"
        found = channels.of_influencer(one, use_email=True)
        way = channels.best(found, channels.LETTER)
        term = raw[(one.external_id or "").removeprefix("bioguide:")]
        in_data = {"form": term.get("contact_form"), "phone": term.get("phone")}.get(way)
        ways[way] += 1
        mailed += way == channels.EMAIL
        if not in_data or found[way] not in in_data:
            without.append(one.external_id)
    db.session.rollback()
    return {"members": len(members), "their_channels": dict(ways), "mailed": mailed, "without_channel": without}


def plain_legislators(path: Path) -> tuple[dict[Any, set[str]], dict[str, set[str]], dict[str, str]]:
    """Return who holds the seats of the House by (state, district), those of the Senate by state, and their names."""
    house, senate, names = defaultdict(set), defaultdict(set), {}
    for one in plain_yaml(path):
        number, term = one["id"]["bioguide"], one["terms"][-1]
        names[number] = one["name"]["last"]
        if term["type"] == "rep":
            house[term["state"], int(term["district"])].add(number)
        else:
            senate[term["state"]].add(number)
    return house, senate, names


def plain_table(path: Path) -> dict[str, set[tuple[str, int]]]:
    """Return the districts of each ZIP code; 98, a delegate's, is a whole territory."""
    table = defaultdict(set)
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            table[row["zcta"]].add((row["state_abbr"], int(row["cd"]) % 98))
    return table


def plain_yaml(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


if __name__ == "__main__":
    raise SystemExit(0 if main() else 1)
