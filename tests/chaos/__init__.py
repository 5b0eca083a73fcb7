"""Faults against real processes. `make chaos` runs the long form, `make test` a tenth of it."""
