"""`python -m videoalignment`, the same as the `videoalignment` command."""

from videoalignment.cli import main

main()
