"""How far the migrations of the latest release go: those after them meet installations with many rows."""

RELEASED = {
    "accounts": "0030_sessions_ended",
    "retention": "0017_fewer_edge_indexes",
    "plays": "0006_indexes_nobody_reads",
}
"""App → its last migration of the latest release; raise them with each one."""
