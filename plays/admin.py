"""All console pages of this app, for Django to find. Each lives with its concept."""

from plays.decisions import admin as decisions
from plays.definitions import admin as definitions
from plays.runs import admin as runs

__all__ = ["decisions", "definitions", "runs"]
