"""Conditions as SQL: the same verdicts as in memory, for all accounts in one scan, on PostgreSQL and SQLite.

`compiling` turns a condition into one boolean expression, `waking` its boundaries in time into two more; `columns` says
how the caller describes where facts are kept. Inside, each storage is a `Place`: typed columns in `typed`, custom
facts inside a JSON column in `stored_json`.
"""

from .columns import Column, Dialect, Sql, Storage
from .compiling import compile_sql
from .extracting import extract
from .waking import wake_sql

__all__ = ["Column", "Dialect", "Sql", "Storage", "compile_sql", "extract", "wake_sql"]
