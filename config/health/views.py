"""The health page for balancers, and the metrics for Prometheus."""

import hmac

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from accounts.foundation.clock import now
from config.health import metrics
from config.health.state import summary


@csrf_exempt  # changes nothing
def healthz(request: HttpRequest) -> JsonResponse:
    """`status` ok, slow or down; age of the oldest due row and time since a worker was seen, in seconds."""
    if request.method not in ("GET", "HEAD"):
        answer = {"code": "method_not_allowed", "message": "Ask for the health page with GET."}
        return JsonResponse(answer, status=405, headers={"Allow": "GET, HEAD"})
    try:
        found = summary(now())
    except DatabaseError:
        return JsonResponse({"status": "down", "oldest_due_s": None, "workers_seen_s": None}, status=503)
    return JsonResponse(found)


@csrf_exempt  # changes nothing, and no cookie is read
def prometheus(request: HttpRequest) -> HttpResponse:
    """The figures in Prometheus' text format, for whoever sends METRICS_TOKEN; without it there is no page."""
    if not settings.METRICS_TOKEN:
        raise Http404
    if request.method not in ("GET", "HEAD"):
        return HttpResponse("Ask for the metrics with GET.\n", status=405, headers={"Allow": "GET, HEAD"})
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not hmac.compare_digest(given.encode(), settings.METRICS_TOKEN.encode()):
        refusal = "Send the value of METRICS_TOKEN as Authorization: Bearer …\n"
        return HttpResponse(refusal, status=401, headers={"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    return HttpResponse(generate_latest(metrics.registry), content_type=CONTENT_TYPE_LATEST)
