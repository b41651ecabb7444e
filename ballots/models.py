"""A secret ballot as rows. No row joins a person to a credential, and none that a voter causes has a number, a time or an author.

What a signed-in person causes (`Elector`) and what somebody without a name causes (`Registration`, `Event`) is written in
different requests; the roll is written anew, sorted, when it is frozen.
"""

import json
import uuid
from functools import cached_property

from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts.models import User
from ballots.core import credentials
from ballots.core.credentials import LENGTH
from ballots.core.election import Election
from ballots.core.election import read as read_election
from ballots.core.layouts import Candidates, Layout, OneOfSeveral
from ballots.enums import TRANSITIONS, EventKind, Mode, Phase, Step
from core.crypto import Sealed
from orgs.enums import Capability
from orgs.models import Organization, path_field


def new_code() -> str:
    return credentials.random_symbols(LENGTH)


def layout_of(record: dict[str, object]) -> Layout:
    kept = {name: tuple(value) if isinstance(value, list) else value for name, value in record.items()}
    return Candidates(**kept) if record["kind"] == Candidates.kind else OneOfSeveral(**kept)


class Poll(models.Model):
    """One vote. `election_text` is frozen byte for byte; its fingerprint stands in every ballot."""

    access_path = "org_path"
    seen_with = Capability.VIEW_ORGANIZATIONS
    TRANSITIONS = TRANSITIONS
    status_field = "phase"

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    code = models.CharField(max_length=20, unique=True, default=new_code, help_text="the election's name in the archive")
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="+", verbose_name="组织")
    org_path = path_field()
    title = models.CharField("题目", max_length=120)
    description = models.CharField("说明", max_length=500, blank=True)
    layout_record = models.JSONField("票样")
    mode = models.CharField("投票方式", max_length=12, choices=Mode)
    revote = models.BooleanField("截止前可以改投", default=False)
    slips = models.PositiveIntegerField("凭条张数", default=0)
    threshold = models.PositiveSmallIntegerField("几名监票人能开箱", default=0)
    organiser = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="组织人")
    registrar = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="凭条登记人")
    phase = models.CharField("阶段", max_length=12, choices=Phase, default=Phase.DRAFT)
    attempt = models.PositiveSmallIntegerField(default=1, help_text="of the key ceremony")
    token_public = models.TextField(blank=True)
    token_key_sealed = models.BinaryField(null=True)
    token_key = Sealed("token_key_sealed", field="token_key")
    roll_size = models.PositiveIntegerField("名册人数", null=True)
    trustees_text = models.TextField(blank=True)
    election_text = models.TextField(blank=True)
    fingerprint = models.CharField("指纹", max_length=43, blank=True)
    rehearsal = models.TextField(blank=True)
    opened_on = models.DateField("投票日", null=True)
    slips_given = models.PositiveIntegerField("发出凭条", null=True)
    ended_why = models.CharField("中止原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "无记名投票"
        default_permissions = ()
        indexes = [models.Index(fields=["org_path", "id"], name="ballots_poll_place")]

    def __str__(self) -> str:
        return self.title

    @property
    def layout(self) -> Layout:
        return layout_of(self.layout_record)

    @cached_property
    def election(self) -> Election:
        """The frozen election: only where `election_text` stands."""
        return read_election(self.election_text)

    @property
    def electronic(self) -> bool:
        return self.mode != Mode.PAPER

    @property
    def on_paper(self) -> bool:
        return self.mode != Mode.VERIFIABLE

    @property
    def is_frozen(self) -> bool:
        return self.phase not in (Phase.DRAFT, Phase.CEREMONY)


class Teller(models.Model):
    """A teller and what that teller has published. Secrets never come here; texts are kept as they were sent."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="tellers")
    user = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="监票人")
    number = models.PositiveSmallIntegerField("序号")
    step = models.CharField("进度", max_length=12, choices=Step, blank=True, default=Step.NOTHING)
    commitment = models.CharField(max_length=43, blank=True)
    certificate = models.TextField(blank=True)
    coefficients = models.TextField(blank=True)
    shares = models.TextField(blank=True, help_text="sealed by the teller for each of the others")
    verification_key = models.TextField(blank=True)
    signature = models.TextField(blank=True)
    rehearsed = models.TextField(blank=True)

    class Meta:
        verbose_name = "监票人"
        default_permissions = ()
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["poll", "number"], name="ballots_teller_number"),
            models.UniqueConstraint(fields=["poll", "user"], name="ballots_teller_once"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.user.full_name}"


class Elector(models.Model):
    """Who may be issued a token, and whether it was issued. Says nothing of whether a credential was made or used.

    `blinded_digest` lets a lost answer be asked for again; the blinded text is independent of what it hides.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="electors")
    user = models.ForeignKey(User, models.PROTECT, related_name="+")
    issued = models.BooleanField(default=False)
    blinded_digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "可领票的账号"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["poll", "user"], name="ballots_elector_once")]

    def __str__(self) -> str:
        return str(self.user_id)


class Registration(models.Model):
    """A public credential on its way to the roll; all rows of a poll are deleted when the roll is frozen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="registrations")
    credential = models.CharField(max_length=620)
    by_slip = models.BooleanField()

    class Meta:
        verbose_name = "登记中的凭证"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["poll", "credential"], name="ballots_registered_once")]

    def __str__(self) -> str:
        return self.credential[:12]


class RollEntry(models.Model):
    """A public credential of the frozen roll. All rows of a poll are written by one statement, sorted by credential."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="roll")
    credential = models.CharField(max_length=620)

    class Meta:
        verbose_name = "名册"
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["poll", "credential"], name="ballots_roll_once")]

    def __str__(self) -> str:
        return self.credential[:12]


class Text(models.Model):
    """A text of an archive under its SHA-256. What was hashed is what is kept."""

    digest = models.CharField(primary_key=True, max_length=64)
    body = models.TextField()

    class Meta:
        verbose_name = "档案文本"
        default_permissions = ()

    def __str__(self) -> str:
        return self.digest


class Event(models.Model):
    """A link of a poll's chain. `voter` is the hash of the ballot's credential, `turn` counts that credential's ballots."""

    digest = models.CharField(primary_key=True, max_length=64)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="events")
    height = models.PositiveIntegerField()
    parent = models.CharField(max_length=64, blank=True)
    kind = models.CharField(max_length=20, choices=EventKind)
    payload = models.CharField(max_length=64, blank=True)
    texts = ArrayField(models.CharField(max_length=64), default=list)
    voter = models.CharField(max_length=64, blank=True)
    turn = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = "链上事件"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["poll", "height"], name="ballots_chain"),
            models.UniqueConstraint(fields=["poll", "payload"], name="ballots_payload_once", condition=~models.Q(payload="")),
            models.UniqueConstraint(fields=["poll", "voter", "turn"], name="ballots_one_each", condition=~models.Q(voter="")),
            models.CheckConstraint(
                condition=models.Q(kind=EventKind.BALLOT) ^ models.Q(voter=""), name="ballots_ballot_has_voter"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.height} {self.kind}"


class PaperCount(models.Model):
    """One teller's count of the paper ballots; two tellers count, each without seeing the other's figures."""

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    poll = models.ForeignKey(Poll, models.PROTECT, related_name="paper_counts")
    teller = models.ForeignKey(Teller, models.PROTECT, related_name="+")
    entry = models.PositiveSmallIntegerField("第几份")
    figures = models.JSONField("数字")

    class Meta:
        verbose_name = "纸质票清点"
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["poll", "entry"], name="ballots_two_counts"),
            models.UniqueConstraint(fields=["poll", "teller"], name="ballots_count_once"),
            models.CheckConstraint(condition=models.Q(entry__in=[1, 2]), name="ballots_count_entry"),
        ]

    def __str__(self) -> str:
        return f"第{self.entry}份"


class Outcome(models.Model):
    """What came out, one shape for electronic and paper ballots: `totals` is `layout.totals` of both together."""

    poll = models.OneToOneField(Poll, models.PROTECT, related_name="outcome")
    totals = models.JSONField("结果")
    issued = models.PositiveIntegerField("发出票数")
    returned = models.PositiveIntegerField("收回票数")
    void = models.PositiveIntegerField("无效票数", default=0)
    announced_on = models.DateField("公布日期")

    class Meta:
        verbose_name = "投票结果"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.poll_id)

    @property
    def valid(self) -> int:
        return self.returned - self.void


def as_sent(text: str) -> object:
    """A published text as JSON with its keys in the order in which they were sent."""
    return json.loads(text) if text else None
