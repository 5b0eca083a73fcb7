"""How far the migrations of the latest release go: those after them meet installations with many rows."""

RELEASED = {
    "accounts": "0026_office_hours_touches",
    "retention": "0016_prospect_links",
    "plays": "0005_fewer_indexes",
}
"""App → its last migration of the latest release; raise them with each one."""
