from accounts.foundation.clock import now
from retention.lifecycle import moving


def end_moves() -> str:
    """Gives accounts back to the criteria whose last day by hand is over."""
    return f"{moving.end_due(at=now())} given back"
