"""Lesson checks: a program on a bench of its own, what its traces say, and what a teacher would say."""

from labkit.checking.asking import check, define, results
from labkit.checking.check import Check, Result
from labkit.checking.counting import counts
from labkit.checking.judging import Verdict, blinks, follows, goes_through, near, never_both, responds, stays, within
from labkit.checking.values import gives_back

__all__ = [
    "Check", "Result", "Verdict", "blinks", "check", "counts", "define", "follows", "gives_back", "goes_through",
    "near", "never_both", "responds", "results", "stays", "within",
]  # fmt: skip
