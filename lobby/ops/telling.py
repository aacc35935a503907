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
    said = [explain(problem, language) for language in LANGUAGES]
    head = problem.where or said.pop(0)[0]
    print(f"{SIGNS[level]} {head}", file=stream)
    if not problem.where:
        print(f"      → {explain(problem, LANGUAGES[0])[1]}", file=stream)
    for what, cure in said:
        print(f"    {what}\n      → {cure}", file=stream)
