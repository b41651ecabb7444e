"""The audit record and the chain that seals it. Both are append-only: triggers refuse every change of a written row."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from audit.enums import ActorKind, Part


class OpenRecords(models.Manager["AuditRecord"]):
    """Without the confidential part: the default, so that no list or count shows it by accident."""

    def get_queryset(self) -> models.QuerySet["AuditRecord"]:
        return super().get_queryset().filter(part=Part.OPEN)


class AuditRecord(models.Model):
    """One verb done or one reading of sensitive fields. Persons and objects are plain values, nothing points anywhere.

    In the confidential part everything but the time is inside `sealed`; `subject_blind` finds the entries of a subject.
    """

    id = models.BigAutoField(primary_key=True)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    at = models.DateTimeField("时间", default=timezone.now)
    part = models.CharField(max_length=12, choices=Part, default=Part.OPEN)
    verb = models.CharField("动作", max_length=64, blank=True)
    actor_uuid = models.UUIDField(null=True)
    actor_name = models.CharField("操作人", max_length=150, blank=True)
    actor_kind = models.CharField(max_length=12, choices=ActorKind, blank=True)
    os_user = models.CharField("系统用户", max_length=64, blank=True)
    address = models.CharField("地址", max_length=45, blank=True)
    request_id = models.CharField("请求编号", max_length=32, blank=True)
    kind = models.CharField("对象类别", max_length=64, blank=True)
    subject = models.UUIDField(null=True)
    path = models.CharField(max_length=200, blank=True, db_collation="C")
    reason = models.TextField("理由", blank=True)
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    sealed = models.BinaryField(null=True)
    subject_blind = models.BinaryField(null=True)

    objects = OpenRecords()
    everything = models.Manager()

    class Meta:
        verbose_name = "审计记录"
        verbose_name_plural = "审计记录"
        base_manager_name = "everything"
        indexes = [
            models.Index(fields=["at", "id"], name="audit_by_time"),
            models.Index(fields=["actor_uuid", "at", "id"], name="audit_by_actor", condition=models.Q(actor_uuid__isnull=False)),
            models.Index(fields=["verb", "at", "id"], name="audit_by_verb"),
            models.Index(fields=["subject", "at", "id"], name="audit_by_subject", condition=models.Q(subject__isnull=False)),
            models.Index(fields=["subject_blind"], name="audit_confidential", condition=models.Q(part="confidential")),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(part="open", sealed=None, subject_blind=None) & ~models.Q(verb="")
                | models.Q(part="confidential", sealed__isnull=False, verb="", actor_uuid=None, subject=None, details={}),
                name="audit_confidential_shows_nothing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.verb} {self.actor_name}"


class AuditSeal(models.Model):
    """One link of the chain: which rows it covers, the digest of each, and a MAC over all that and the link before."""

    seq = models.BigIntegerField(primary_key=True)
    first_id = models.BigIntegerField()
    last_id = models.BigIntegerField()
    count = models.IntegerField()
    total = models.BigIntegerField(help_text="rows sealed by this link and all before it")
    firsts = ArrayField(models.BigIntegerField(), help_text="covered ids as closed ranges: their first ids")
    lasts = ArrayField(models.BigIntegerField(), help_text="and their last ids")
    row_digests = models.BinaryField(help_text="SHA-256 of every covered row, 32 bytes each, in the order of ids")
    digest = models.BinaryField(help_text="SHA-256 of row_digests")
    previous = models.BinaryField(help_text="MAC of the link before; 32 zero bytes in the first")
    mac = models.BinaryField()
    key_id = models.BigIntegerField()
    sealed_at = models.DateTimeField()

    class Meta:
        verbose_name = "审计封条"
        verbose_name_plural = "审计封条"
        indexes = [
            models.Index(fields=["last_id"], name="audit_seal_by_last"),
            models.Index(fields=["sealed_at"], name="audit_seal_by_time"),
        ]

    def __str__(self) -> str:
        return f"封条 {self.seq}"
