"""What is compiled is kept: else each run, and each process that a test starts, would compile all of it anew."""

import os
import sys

sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
