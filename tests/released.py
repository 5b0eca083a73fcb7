"""How far the migrations of the latest release go: those after them meet installations with many rows."""

RELEASED = {
    "accounts": "0027_product_user_indexes",
    "retention": "0016_prospect_links",
    "plays": "0005_fewer_indexes",
}
"""App → its last migration of the latest release; raise them with each one."""
