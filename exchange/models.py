"""An import on its way: the file, its rows with what is wrong and what they would do, the mappings people confirmed."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from core import access
from exchange.enums import RUNNING, TRANSITIONS, BatchState, RowAction
from members.models import Member
from orgs.enums import Capability
from orgs.models import ApiToken, Organization, path_field
from orgs.queries import narrow_to


class ImportBatch(models.Model):
    """One uploaded roster. The file lies encrypted in the data folder under the uuid until `forgotten_at`."""

    access_path = "org_path"
    seen_with = Capability.IMPORT_MEMBERS
    status_field = "state"
    TRANSITIONS = TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="imports")
    org_path = path_field()
    actor = models.ForeignKey(User, models.PROTECT, related_name="imports")
    actor_name = models.CharField(max_length=64)
    through = models.ForeignKey(ApiToken, models.PROTECT, null=True, related_name="+", help_text="the token it came by")
    state = models.CharField("状态", max_length=20, choices=BatchState, default=BatchState.UPLOADED)

    file_name = models.CharField("文件名", max_length=160)
    sha256 = models.CharField(max_length=64)
    as_of = models.DateField("名册日期")
    sheet = models.CharField("工作表", max_length=60, blank=True)
    header_row = models.PositiveIntegerField("表头所在行", null=True)
    headers = ArrayField(models.CharField(max_length=200), default=list)
    mapping = ArrayField(models.CharField(max_length=30, blank=True), null=True, help_text="field of each column, '' leaves it")
    skipped = models.JSONField(default=dict, help_text="reason → number of rows under the header that are no people")

    attempts = models.PositiveSmallIntegerField(default=0, help_text="how often a worker began to read")
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    counts = models.JSONField(default=dict, help_text="RowAction → rows")
    decisions = models.JSONField(default=dict, help_text="row number → what a person decided about it")
    good_rows = models.BooleanField(default=False)
    written = models.JSONField(default=dict, help_text="enrolled, amended")
    notice = models.CharField("说明", max_length=400, blank=True)
    undo_reason = models.CharField("撤销原因", max_length=200, blank=True)
    undo_actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    created_at = models.DateTimeField(auto_now_add=True)
    touched_at = models.DateTimeField(auto_now_add=True)
    read_at = models.DateTimeField(null=True)
    committed_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "导入"
        default_permissions = ()
        indexes = [
            models.Index(fields=["actor", "-created_at"], name="exchange_batch_actor"),
            models.Index(fields=["org_path", "-created_at"], name="exchange_batch_path"),
            models.Index(fields=["state", "touched_at"], name="exchange_batch_state"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def uploader(self) -> User:
        """Whose view the rows are judged by: the actor, with no more than the token it came by allows now."""
        if self.through_id and access.narrowing_of(self.actor) is None:
            narrow_to(self.actor, self.through)
        return self.actor

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def done_text(self) -> str:
        return f"{self.done:,}"

    @property
    def total_text(self) -> str:
        return f"{self.total or 0:,}"

    @property
    def refused(self) -> int:
        return self.counts.get(RowAction.REFUSED, 0)

    @property
    def writable(self) -> int:
        """Rows that a commit would write."""
        return self.counts.get(RowAction.NEW, 0) + self.counts.get(RowAction.UPDATE, 0)

    @property
    def sound(self) -> int:
        return self.writable + self.counts.get(RowAction.SAME, 0)


class ImportRow(models.Model):
    """One row of the file as judged. `shown` holds what a page may show: numbers masked, birth by month."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    row_no = models.PositiveIntegerField("行号")
    action = models.CharField(max_length=8, choices=RowAction)
    name = models.CharField(max_length=60, blank=True)
    organization = models.ForeignKey(Organization, models.PROTECT, null=True, related_name="+")
    member = models.ForeignKey(Member, models.DO_NOTHING, null=True, db_constraint=False, related_name="+")
    member_version = models.PositiveIntegerField(null=True)
    blinds = ArrayField(models.BinaryField(), default=list)
    shown = models.JSONField(default=dict)
    faults = models.JSONField(default=list)
    notes = models.JSONField(default=list)
    fields = ArrayField(models.CharField(max_length=30), default=list, help_text="facts that would change")
    withheld = models.JSONField(default=dict, help_text="fact → Withheld")
    cells_sealed = models.BinaryField(null=True)

    class Meta:
        verbose_name = "导入的行"
        default_permissions = ()
        indexes = [models.Index(fields=["batch", "action", "row_no"], name="exchange_row_action")]
        constraints = [models.UniqueConstraint(fields=["batch", "row_no"], name="exchange_row_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.row_no}"


class RememberedMapping(models.Model):
    """Columns of a form as somebody confirmed them, found again by the set of headers."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    fingerprint = models.CharField(max_length=64)
    fields = models.JSONField(help_text="header → field, '' leaves the column out")
    confirmed_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["user", "fingerprint"], name="exchange_mapping_once")]

    def __str__(self) -> str:
        return self.fingerprint
