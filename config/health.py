"""The health page: whether the database answers, whether work moves, whether workers are there."""

import datetime as dt
from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from accounts.events.models import DirtyAccount
from accounts.foundation.clock import now
from accounts.foundation.models import Bell
from accounts.ingestion.models import InboxRequest

SLOW = dt.timedelta(seconds=60)


@csrf_exempt  # changes nothing
def healthz(request: HttpRequest) -> JsonResponse:
    """`status` ok, slow or down; age of the oldest due row and of the last answered bell in seconds."""
    if request.method not in ("GET", "HEAD"):
        answer = {"code": "method_not_allowed", "message": "Ask for the health page with GET."}
        return JsonResponse(answer, status=405, headers={"Allow": "GET, HEAD"})
    try:
        found = _measured()
    except DatabaseError:
        return JsonResponse({"status": "down", "oldest_due_s": None, "workers_seen_s": None}, status=503)
    return JsonResponse(found)


def _measured() -> dict[str, Any]:
    at = now()
    waiting = [
        InboxRequest.objects.order_by("id").values_list("received_at", flat=True).first(),
        DirtyAccount.objects.order_by("id").values_list("at", flat=True).first(),
    ]
    oldest = max((_seconds(since, at) for since in waiting if since), default=0.0)
    seen = Bell.objects.filter(name="pump").values_list("answered_at", flat=True).first()
    return {
        "status": "slow" if oldest > SLOW.total_seconds() else "ok",
        "oldest_due_s": oldest,
        "workers_seen_s": _seconds(seen, at) if seen else None,
    }


def _seconds(since: dt.datetime, at: dt.datetime) -> float:
    return round(max(0.0, (at - since).total_seconds()), 1)
