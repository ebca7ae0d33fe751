"""`python -m crm` is the same as the console script `crm`."""

from crm.cli import main

main()
