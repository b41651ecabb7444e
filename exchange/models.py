"""An import on its way: the file, its rows with what is wrong and what they would do, the mappings people confirmed."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from core import access
from core.crypto import Sealed
from exchange.enums import (
    FILING_TRANSITIONS,
    REQUEST_TRANSITIONS,
    RUNNING,
    TRANSITIONS,
    BatchState,
    FiledKind,
    FilingState,
    RequestKind,
    RequestState,
    RowAction,
)
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
    template = models.CharField("上级表样", max_length=30, blank=True, help_text="the official template whose header row it is")
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


class Filing(models.Model):
    """What an organisation has reported to the superior's system in one template: everything up to its marks."""

    access_path = "org_path"
    seen_with = Capability.FILE_CHANGES
    status_field = "state"
    TRANSITIONS = FILING_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="filings")
    org_path = path_field()
    template = models.CharField("表样", max_length=30)
    state = models.CharField("状态", max_length=10, choices=FilingState, default=FilingState.FILED)
    since = models.DateField("起算日期", null=True, help_text="given by the person; empty when it began where the last one ended")
    members_mark = models.BigIntegerField(help_text="last row of the members' history it covers")
    tree_mark = models.BigIntegerField(help_text="last version of the tree it covers")
    counts = models.JSONField(default=dict, help_text="FiledKind → people")
    incomplete = models.PositiveIntegerField("缺项人数", default=0)
    actor = models.ForeignKey(User, models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=64)
    filed_at = models.DateTimeField(auto_now_add=True)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.CharField(max_length=64, blank=True)
    withdrawn_why = models.CharField("撤回原因", max_length=200, blank=True)
    forgotten_at = models.DateTimeField(null=True, help_text="when the workbook was deleted")

    class Meta:
        verbose_name = "报送"
        default_permissions = ()
        indexes = [
            models.Index(fields=["organization", "template", "-id"], name="exchange_filing_stream"),
            models.Index(fields=["org_path", "-filed_at"], name="exchange_filing_path"),
        ]

    def __str__(self) -> str:
        return f"{self.organization_id} {self.template} {self.filed_at:%Y-%m-%d}"

    @property
    def people(self) -> int:
        return sum(self.counts.values())

    def count(self, kind: str) -> int:
        return self.counts.get(kind, 0)

    @property
    def lines(self) -> list[tuple[str, int]]:
        return [(kind.label, self.count(kind)) for kind in FiledKind]


class FiledRow(models.Model):
    """One person as reported: no fact, only a keyed fingerprint of the template's values, so that "already reported" is known."""

    filing = models.ForeignKey(Filing, models.CASCADE, related_name="rows")
    member_uuid = models.UUIDField()
    kind = models.CharField(max_length=8, choices=FiledKind)
    fingerprint = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = "报送的人"
        default_permissions = ()
        indexes = [models.Index(fields=["member_uuid", "-id"], name="exchange_filed_member")]
        constraints = [models.UniqueConstraint(fields=["filing", "member_uuid"], name="exchange_filed_once")]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.member_uuid}"


class TakenLine(models.Model):
    """A record that came with a loaded archive as information, word for word: grants and matters of where it comes from."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    part = models.CharField(max_length=60)
    org_path = path_field()
    text_sealed = models.BinaryField(editable=False)

    text = Sealed("text_sealed", field="text")

    class Meta:
        verbose_name = "带来的记载"
        default_permissions = ()
        indexes = [models.Index(fields=["part", "org_path"], name="exchange_taken_part")]

    def __str__(self) -> str:
        return f"{self.part} {self.uuid}"


class ExportRequest(models.Model):
    """An export that takes two people: what, from where, for what; who asked, who agreed; until when it may be fetched."""

    access_path = "org_path"
    seen_with = Capability.EXPORT_MEMBERS
    status_field = "state"
    TRANSITIONS = REQUEST_TRANSITIONS

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField("内容", max_length=10, choices=RequestKind)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="export_requests")
    org_path = path_field()
    filter = models.JSONField(default=dict)
    count = models.PositiveIntegerField("人数")
    clear = models.BooleanField("号码明文", default=False)
    reason = models.CharField("用途", max_length=200)
    state = models.CharField("状态", max_length=10, choices=RequestState, default=RequestState.WAITING)
    case = models.UUIDField(null=True, help_text="the running case that asks for the second person")
    requester = models.ForeignKey(User, models.PROTECT, related_name="+")
    requester_name = models.CharField(max_length=64)
    through = models.ForeignKey(ApiToken, models.PROTECT, null=True, related_name="+", help_text="the token it was asked by")
    approver = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    approver_name = models.CharField(max_length=64, blank=True)
    notice = models.CharField("说明", max_length=200, blank=True)
    requested_at = models.DateTimeField(auto_now_add=True)
    produced_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "导出申请"
        default_permissions = ()
        indexes = [
            models.Index(fields=["requester", "-requested_at"], name="exchange_request_mine"),
            models.Index(fields=["state", "expires_at"], name="exchange_request_state"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(approver=None) | ~models.Q(approver=models.F("requester")), name="exchange_request_two_persons"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.organization_id}"

    @property
    def asker(self) -> User:
        """Whose view the file shows: the requester, with no more than the token it was asked by allows now."""
        if self.through_id and access.narrowing_of(self.requester) is None:
            narrow_to(self.requester, self.through)
        return self.requester

    @property
    def file_words(self) -> str:
        return str(RequestKind.DUES.label) if self.kind == RequestKind.DUES else "党员名册"

    @property
    def filter_words(self) -> str:
        """The conditions of the list, as the auditor reads them too."""
        return "、".join(f"{name}={value}" for name, value in self.filter.items())
