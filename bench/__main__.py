"""`python -m bench [NAME …]`: run these measurements, or all; ends with 1 where a goal was missed."""

import importlib
import sys
from pathlib import Path

SHARED = {"__init__", "__main__", "counting_sink", "stage"}
NAMES = sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in SHARED)


def main(names: list[str]) -> int:
    if unknown := set(names) - set(NAMES):
        print(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}", file=sys.stderr)
        return 2
    met = [importlib.import_module(f"bench.{name}").main() is not False for name in names or NAMES]
    return 0 if all(met) else 1


sys.exit(main(sys.argv[1:]))
