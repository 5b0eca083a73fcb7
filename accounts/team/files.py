"""Files on the REST API: a form with one file comes in, bytes go out."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import FileResponse, UnreadablePostError
from rest_framework.exceptions import APIException, ParseError
from rest_framework.parsers import DataAndFiles, MultiPartParser
from rest_framework.renderers import BaseRenderer

FORM = 64 * 1024
"""Bytes of a form besides its file: boundaries, names and a few short fields."""


class FileTooLarge(APIException):
    """The form is larger than the file that this route takes; nothing of it was read."""

    status_code = 413
    default_code = "too_large"


class FileForm(MultiPartParser):
    """Reads a form with a file, which goes to disk piece by piece; the view says in `largest_file` what it takes."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles:
        context = parser_context or {}
        largest = context["view"].largest_file
        refusal = FileTooLarge(f"A file may hold {largest // 2**20} MiB. Send a smaller one, or a link to it.")
        length = str(context["request"].META.get("CONTENT_LENGTH") or 0)
        if not length.isdecimal() or len(length) > 15 or int(length) > largest + FORM:
            raise refusal
        try:
            return super().parse(stream, media_type, parser_context)
        except RequestDataTooBig:
            raise refusal from None
        except (TooManyFieldsSent, TooManyFilesSent):
            raise ParseError("The form has too many parts. Send one file.") from None
        except UnreadablePostError as error:
            raise ParseError("The request ended early. Send it again.") from error


class Bytes(BaseRenderer):
    """For callers that accept bytes alone; what is no file, such as a refusal, is JSON all the same."""

    media_type = "application/octet-stream"
    format = "json"  # no word of the address chooses it: another name would add one to the document
    charset = None
    render_style = "binary"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        return data if isinstance(data, bytes) else json.dumps(data, default=str).encode()


def download(content: Any, name: str) -> FileResponse:
    """The file as something to keep, never to run: no browser guesses what it is."""
    answer = FileResponse(content.open("rb"), as_attachment=True, filename=name)
    answer.headers["Content-Type"] = "application/octet-stream"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
