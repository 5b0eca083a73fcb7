"""How far the migrations of the latest release go: those after them meet installations with many rows."""

RELEASED = {"accounts": "0019_fewer_indexes", "retention": "0005_segments", "plays": "0004_triggers"}
"""App → its last migration of the latest release; raise them with each one."""
