"""What maintenance remembers of itself, so that a job that was killed goes on where it stood."""

import uuid

from django.db import models


class KeyRotation(models.Model):
    """Rewriting everything sealed under the keys of `keys` (set → id). `position` tells for each table how far it has come."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    keys = models.JSONField()
    position = models.JSONField(default=dict)
    rows = models.BigIntegerField(default=0)
    files = models.IntegerField(default=0)
    os_user = models.CharField(max_length=64)
    started_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "密钥更换"
        verbose_name_plural = "密钥更换"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["finished_at"], condition=models.Q(finished_at=None), nulls_distinct=False, name="upkeep_one_rotation"
            )
        ]

    def __str__(self) -> str:
        return f"{self.started_at:%Y-%m-%d} {self.rows}"
