"""`python -m lstmdiag`."""

from lstmdiag.cli import main

main()
