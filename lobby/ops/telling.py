"""Printing to a person at a terminal: a problem with its cure, Korean first and English beside it."""

from __future__ import annotations

import sys
from typing import TextIO

from lobby.core.problem import Problem
from lobby.core.words import LANGUAGES, explain

SIGNS = {"mistake": "✗", "warning": "△", "well": "●"}


def tell(problem: Problem, *, level: str = "mistake", out: TextIO | None = None) -> None:
    """Where, what and how to mend it, in both languages."""
    stream = out or sys.stderr
    print(f"{SIGNS[level]} {problem.where}" if problem.where else SIGNS[level], file=stream)
    for language in LANGUAGES:
        what, cure = explain(problem, language)
        print(f"    {what}\n      → {cure}", file=stream)
