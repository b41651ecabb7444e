"""Files that belong to something: a person, a record of a life, or what another room declares an owner of (core.registry)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q

from core.crypto import Sealed
from members.enums import RecordState


class Attachment(models.Model):
    """What is known of a file; the file itself lies sealed in the data folder under the uuid (`domain.attachments`).

    A withdrawn one loses its file and keeps this row: who took it away, when and why.
    """

    SEALED: ClassVar[tuple[str, ...]] = ("file_name",)
    status_field = "state"
    TRANSITIONS: ClassVar[dict[str, tuple[str, ...]]] = {RecordState.STANDING: (RecordState.WITHDRAWN,)}

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner_kind = models.CharField("属于哪一类", max_length=32)
    owner = models.UUIDField("属于哪一条")
    member = models.ForeignKey("members.Member", models.PROTECT, null=True, related_name="attachments")
    title = models.CharField("名称", max_length=60)
    is_photo = models.BooleanField("本人照片", default=False)
    extension = models.CharField(max_length=8)
    media_type = models.CharField(max_length=80)
    size = models.PositiveIntegerField("大小（字节）")
    file_name_sealed = models.BinaryField(null=True, editable=False)
    uploaded_by = models.CharField("上传人", max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField("状态", max_length=10, choices=RecordState, default=RecordState.STANDING)
    withdrawn_reason = models.CharField("撤回的理由", max_length=200, blank=True)
    withdrawn_by = models.CharField("撤回人", max_length=64, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    file_name = Sealed("file_name_sealed", field="file_name")

    class Meta:
        verbose_name = "附件"
        default_permissions = ()
        indexes = [models.Index(fields=["owner_kind", "owner"], name="members_attachment_owner")]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(is_photo=True, state=RecordState.STANDING), name="attachment_one_photo"
            ),
            models.CheckConstraint(condition=Q(is_photo=False) | Q(member__isnull=False), name="attachment_photo_of_somebody"),
            models.CheckConstraint(
                condition=Q(state=RecordState.STANDING) | ~Q(withdrawn_reason=""), name="attachment_withdrawn_with_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.title
