"""Calls of the Segment protocol, as plain as they come."""

from typing import Any

from accounts.foundation.clock import now


def track(user: Any = "ada", event: str = "Report Viewed", **fields: Any) -> dict[str, Any]:
    return {"type": "track", "userId": user, "event": event, "timestamp": now().isoformat(), **fields}


def group(user: Any = "ada", account: Any = "acct-42", **fields: Any) -> dict[str, Any]:
    return {"type": "group", "userId": user, "groupId": account, "timestamp": now().isoformat(), **fields}


def identify(user: Any = "ada", **fields: Any) -> dict[str, Any]:
    return {"type": "identify", "userId": user, "timestamp": now().isoformat(), **fields}


def page(user: Any = None, path: str = "/pricing", **fields: Any) -> dict[str, Any]:
    """A page that `user` saw, or a visitor: `page(anonymousId="anon-1")`."""
    return {
        "type": "page",
        "userId": user,
        "properties": {"path": path},
        "timestamp": now().isoformat(),
        **fields,
    }
