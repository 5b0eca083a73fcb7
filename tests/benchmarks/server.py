"""The installation's web server, with one more door that reads a request and answers."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.management.commands.web import Server


@csrf_exempt  # as the signal doors
def bare(request: HttpRequest) -> JsonResponse:
    """Reads the body, and answers as a door does."""
    return JsonResponse({"success": True, "accepted": len(request.body)})


class BenchmarkServer(Server):
    """Gunicorn as the installation runs it."""

    def load(self) -> Any:
        settings.ROOT_URLCONF = "tests.benchmarks.server"
        settings.BELL_SILENT = False  # ringing is part of what a request costs
        return super().load()


def __getattr__(name: str) -> Any:
    """Django's routes are asked for once the apps are ready."""
    if name != "urlpatterns":
        raise AttributeError(name)
    from config.urls import urlpatterns

    return [path("bare", bare), *urlpatterns]


if __name__ == "__main__":
    BenchmarkServer().run()
