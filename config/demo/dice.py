"""Chance that comes out the same way each time."""

from random import Random


def dice(seed: int, *about: object) -> Random:
    """A random generator for one question; what is asked about one account never moves another."""
    return Random(":".join(map(str, (seed, *about))))  # noqa: S311  (an invented book is no secret)
