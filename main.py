#!/usr/bin/env python3
"""Evaluate a model on a dataset, as `videoalignment evaluate` does, with published spelling."""

from videoalignment.cli import main_script

if __name__ == "__main__":
    main_script("main.py")
