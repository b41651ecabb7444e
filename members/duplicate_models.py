"""What was found about registrations that look like one person's."""

import uuid

from django.db import models
from django.db.models import F, Q


class NotTheSame(models.Model):
    """Two registrations that look alike and belong to two people: somebody has looked, and nobody is asked again."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    first = models.ForeignKey("members.Member", models.CASCADE, related_name="told_apart")
    second = models.ForeignKey("members.Member", models.CASCADE, related_name="told_apart_from")
    reason = models.CharField("依据", max_length=200)
    decided_by = models.CharField("认定人", max_length=64)
    decided_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "不是同一人的认定"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="members_told_apart_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="members_told_apart_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"
