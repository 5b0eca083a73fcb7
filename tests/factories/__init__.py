"""A factory for every model: rows that hold every promise of the database, without going through a service.

For tests that need some row; what a service does is tested by calling it.
"""
