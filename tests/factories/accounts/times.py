"""When everything happens unless a test says otherwise."""

import datetime as dt

AT = dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)
"""A Wednesday morning."""
