"""What a run found: as a table for people, as JSON for machines."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]
"""A result with the database it was measured on."""

HEADS = ("", "database", "measured", "ratio", "budget", "", "against")


def write(rows: Sequence[Row], path: Path) -> None:
    """The rows as JSON."""
    path.write_text(json.dumps(rows, indent=1, ensure_ascii=False) + "\n")


def table(rows: Sequence[Row]) -> str:
    """The rows as columns, each as wide as it must be."""
    lines = [HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(HEADS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row["ratio"] is None else f"{row['ratio']:.3g}"
    measured = f"{row['value']:.4g} {row['unit']}".strip()
    return (
        row["name"],
        row["database"],
        measured,
        ratio,
        row["budget"],
        "ok" if row["ok"] else "MISSED",
        row["against"],
    )
