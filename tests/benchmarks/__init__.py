"""Benchmarks: two things done in turns within one run, their ratio held against a budget. `make bench` runs them.

Each module in `subjects` is one subject with a database of its own; adding one means adding a file.
"""
