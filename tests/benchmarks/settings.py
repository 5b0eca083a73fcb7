"""Settings of a benchmark: the installation's, on the scratch database that DATABASE_URL names."""

import os

os.environ.setdefault("SECRET_KEY", "only-for-benchmarks")

from config.settings.base import *  # noqa: E402, F403

if DATABASES["default"]["ENGINE"].endswith("postgresql"):  # noqa: F405
    # Compiling a statement takes longer than a chunk takes to read, and whether it happens is an estimate's whim.
    DATABASES["default"]["OPTIONS"] |= {"options": "-c jit=off"}  # noqa: F405
BELL_SILENT = True  # benchmarks run the passes themselves
