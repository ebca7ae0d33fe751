"""`python -m bench [NAME …]`: run these measurements, or all; ends with 1 where a goal was missed.

Each runs as a program of its own: `python -m bench.NAME` does the same.
"""

import subprocess
import sys
from pathlib import Path

SHARED = {"__init__", "__main__", "counting_sink", "distance", "nursery", "population", "postfix", "sending", "stage"}
SHARED |= {f"vector_{part}" for part in ("browser", "controls", "fields", "mails", "pages", "rows")}
NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in SHARED)


def main(names: list[str]) -> int:
    if unknown := set(names) - set(NAMES):
        print(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    codes = [subprocess.run([sys.executable, "-m", f"bench.{name}"]).returncode for name in names or NAMES]
    return 1 if any(codes) else 0


sys.exit(main(sys.argv[1:]))
