from accounts.foundation.clock import now
from retention.work import lateness


def alert_late() -> str:
    """Opens work for accounts that became behind or stuck in their stage."""
    return f"{lateness.alert(at=now())} told of"
