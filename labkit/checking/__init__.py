"""Lesson checks: a program on a bench of its own, what its traces say, and what a teacher would say."""

from labkit.checking.check import Check, Result, check, define, results
from labkit.checking.judging import Verdict, blinks, follows, goes_through, never_both, responds, stays, within

__all__ = [
    "Check", "Result", "Verdict", "blinks", "check", "define", "follows", "goes_through", "never_both", "responds",
    "results", "stays", "within",
]  # fmt: skip
