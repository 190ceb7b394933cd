"""`python -m webapp` is `fashen`, where no scripts are on the path."""

from webapp.cli import main

main()
