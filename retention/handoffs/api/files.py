"""Evidence that is a file, on the REST API: sent as a form, and fetched again."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError as Invalid
from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.foundation.clock import now
from accounts.team.files import Bytes, FileForm, download
from accounts.team.rest import Conflict, NumberedViewSet, Strict
from retention.handoffs import services, sides
from retention.handoffs.api import shapes
from retention.handoffs.checklist import given
from retention.handoffs.models import HandoffItem
from retention.handoffs.services.answering import LARGEST_FILE

NUMBERS = r"[0-9]{1,18}"


class FileUpload(Strict):
    """A file that is given for an item."""

    file = serializers.FileField(max_length=200, help_text=f"At most {LARGEST_FILE // 2**20} MiB, of any kind.")
    revision = serializers.IntegerField(min_value=0, max_value=10**9, help_text="The one that was read.")


class Files(NumberedViewSet):
    """The verbs of handoffs that are about files."""

    largest_file: ClassVar[int] = LARGEST_FILE

    @extend_schema(
        operation_id="handoffs_upload_file",
        request={"multipart/form-data": FileUpload},
        responses=shapes.HandoffDetailSerializer,
    )
    @action(detail=True, methods=["put"], url_path=r"items/(?P<key>[a-z0-9_-]{1,80})/file", parser_classes=[FileForm])
    def upload_file(self, request: Request, id: str, key: str) -> Response:  # noqa: A002
        """Gives a file as the evidence of an item. 409 where somebody saved it since `revision` was read."""
        handoff = self.get_object()
        item = handoff.version.items.filter(key=key).first()
        if item is None:
            raise Http404
        if item.evidence != HandoffItem.Evidence.FILE:
            wants = item.get_evidence_display().lower()
            raise ValidationError({"file": [f"“{item}” wants another kind of evidence: {wants}. Save it as an item."]})
        values = self.body(FileUpload)
        if not sides.may_fill(handoff, self.caller):
            raise Conflict("The other side fills this in.")
        try:
            services.save(handoff, item, values["file"], revision=values["revision"], by=self.caller, at=now())
        except services.Stale as stale:
            theirs = given(item, stale.theirs)
            both = f"Theirs, revision {stale.theirs.revision}: {theirs}."
            raise Conflict(f"{' '.join(stale.messages)} {both}") from None
        except services.NotPossible as refused:
            raise Conflict(" ".join(refused.messages)) from None
        except Invalid as refused:
            raise ValidationError({"file": refused.messages}) from None
        return self.answer(handoff)

    @extend_schema(
        operation_id="handoffs_files_retrieve",
        responses={(200, "application/octet-stream"): OpenApiResponse(OpenApiTypes.BINARY, "The bytes of the file.")},
    )
    @action(detail=True, url_path=rf"files/(?P<number>{NUMBERS})")
    def file(self, request: Request, id: str, number: str) -> Any:  # noqa: A002
        """One file that was given as evidence."""
        found = self.get_object().files.filter(pk=number).first()
        if found is None or not found.content.storage.exists(found.content.name):
            raise Http404
        answer: FileResponse = download(found.content, found.name)
        return answer

    def get_renderers(self) -> list[Any]:
        """Bytes too, where a file is fetched."""
        if self.action == "file":
            return [*(one() for one in type(self).renderer_classes), Bytes()]
        return super().get_renderers()
