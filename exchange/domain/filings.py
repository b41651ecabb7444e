"""Reporting changes to the superior's system, which stays: what has changed since the last filing, in its own form, once."""

import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.domain.elevation import require_by_policy
from accounts.enums import GuardedAct
from accounts.models import User
from audit.domain import record, record_readings
from audit.domain.masking import mask_numbers
from core import access, crypto, paths
from core.dates import today
from core.errors import Conflict, DomainError
from core.transitions import move
from exchange.domain import vault
from exchange.domain.changes import Change, Marks, Person, branches_of, changed_between, marks_at, marks_now, people
from exchange.domain.copying import copy_rows
from exchange.domain.marks import watermark
from exchange.enums import FILED_STANDINGS, FiledKind, FilingState
from exchange.models import FiledRow, Filing
from exchange.official import Template, template
from exchange.workbooks.rows import Cell
from exchange.workbooks.writing import Mark, Page, write_book
from members.models import Member
from orgs.enums import Capability
from orgs.models import Organization
from orgs.queries import post_of, subtree
from regulations.packs import pack

LAST = "LAST"
GONE_HEADERS = ["姓名", "公民身份号码", "原所在党支部", "减少原因", "日期"]
CLEAR_FIELDS = ["公民身份号码", "手机号", "固定电话", "家庭住址", "出生日期"]
FINGERPRINT = "filed_row"
LOOKED_UP = 2000


@dataclass(frozen=True)
class Line:
    """One person of a filing: what became of them, the values to write, what is missing, which columns differ."""

    person: Person
    kind: FiledKind
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Drawn:
    """What a filing would hold. `already` counts people whose changed facts were reported before as they are."""

    node: Organization
    template: Template
    since: date | None
    last: Filing | None
    until: Marks
    lines: list[Line]
    already: int

    def count(self, kind: str) -> int:
        return sum(line.kind == kind for line in self.lines)

    @property
    def counts(self) -> dict[str, int]:
        return {kind.value: self.count(kind) for kind in FiledKind}

    @property
    def incomplete(self) -> list[Line]:
        return [line for line in self.lines if line.missing]


def last_filing(node: Organization, form: Template) -> Filing | None:
    """The latest filing of the node in this template that stands."""
    standing = Filing.objects.filter(organization=node, template=form.name, state=FilingState.FILED)
    return standing.order_by("-pk").first()


@dataclass(frozen=True)
class Asked:
    """What to file: `since` is a day to begin with instead of the last filing, `most` people at most."""

    form: Template
    since: date | None = None
    most: int | None = None


def draw(node: Organization, asked: Asked, *, actor: User, until: Marks | None = None) -> Drawn:
    """What would be filed as of `until`, or now."""
    form, since, most = asked.form, asked.since, asked.most
    access.require(actor, Capability.FILE_CHANGES, node.path)
    if since is not None and since > today():
        raise DomainError("date_in_future", "起算日期不能晚于今天。", field="since")
    last, until = last_filing(node, form), until or marks_now()
    changes = changed_between(node, _start(since, last), until, most=most + 1 if most else None)
    if most and len(changes) > most:
        message = f"这次有 {most:,} 人以上的变动，网页上办不了。请系统管理员用命令 export_changes 办理。"
        raise DomainError("filing_too_large", message)
    names = _branch_names(node, form, changes)
    lines, already = _lines(people(changes, names=names), form, node)
    return Drawn(node, form, since, last, until, lines, already)


def _start(since: date | None, last: Filing | None) -> Marks:
    if since is not None:
        return marks_at(timezone.make_aware(datetime.combine(since, time.min)))
    return Marks(last.members_mark, last.tree_mark) if last else Marks()


def _branch_names(node: Organization, form: Template, changes: Sequence[Change]) -> dict[int, str]:
    """Each branch as the template writes it; by its code where two branches of the node share that name."""
    named = dict(Organization.ever.filter(pk__in=branches_of(changes)).values_list("pk", form.branch))
    if form.branch == "code":
        return named
    same = subtree(node).filter(**{f"{form.branch}__in": set(named.values())}).values_list(form.branch, flat=True)
    twice = {name for name, times in Counter(same).items() if times > 1}
    codes = dict(Organization.ever.filter(pk__in=[pk for pk, n in named.items() if n in twice]).values_list("pk", "code"))
    return named | codes


def _lines(found: Iterator[Person], form: Template, node: Organization) -> tuple[list[Line], int]:
    lines, already, waiting = [], 0, list(found)
    for start in range(0, len(waiting), LOOKED_UP):
        part = waiting[start : start + LOOKED_UP]
        known = _last_rows(part, form, node)
        told = _told_as_another(part, node) - set(known)
        for person in part:
            line = None if person.uuid in told else _line(person, form, known.get(person.uuid))
            lines += [line] if line else []
            already += line is None
    return lines, already


def _last_rows(part: Sequence[Person], form: Template, node: Organization) -> dict[object, FiledRow]:
    """How each of them was last reported by the node in this template."""
    rows = FiledRow.objects.filter(
        member_uuid__in=[p.uuid for p in part], filing__organization=node, filing__template=form.name,
        filing__state=FilingState.FILED,
    )  # fmt: skip
    return {row.member_uuid: row for row in rows.order_by("member_uuid", "-id").distinct("member_uuid")}


def _told_as_another(part: Sequence[Person], node: Organization) -> set[object]:
    """Registrations merged into a file that stands here: the person is not gone, and is told of by that file."""
    merged = Member.ever.filter(uuid__in=[p.uuid for p in part if p.merged], merged_into__standing__in=FILED_STANDINGS)
    here = merged.filter(merged_into__org_path__gte=node.path, merged_into__org_path__lt=paths.upper(node.path))
    return set(here.values_list("uuid", flat=True)) if any(p.merged for p in part) else set()


def take_over(keep: Member, gone: Member) -> int:
    """What organisations above the file that stays have filed under `gone` was filed of this person. Where both were filed at
    once the superior's system has two, and is told that one of them is gone."""
    rows = FiledRow.objects.filter(member_uuid=gone.uuid, filing__org_path__in=paths.ancestors(keep.org_path))
    both = FiledRow.objects.filter(member_uuid=keep.uuid).values("filing")
    return rows.exclude(filing__in=both).update(member_uuid=keep.uuid)


def _line(person: Person, form: Template, last: FiledRow | None) -> Line | None:
    """None where the person was reported before exactly so."""
    stands = person.change.stands
    if last is not None and last.kind != FiledKind.GONE and stands:
        prints = crypto.blinds(_canonical(person, form), FINGERPRINT, keys="audit")
        if bytes(last.fingerprint) in prints:
            return None
    if not stands:
        return None if last is not None and last.kind == FiledKind.GONE else Line(person, FiledKind.GONE)
    reported = last.kind != FiledKind.GONE if last else person.change.was
    kind = FiledKind.CHANGED if reported else FiledKind.NEW
    return Line(person, kind, form.missing(person.now), _changed(person, form) if kind == FiledKind.CHANGED else [])


def _changed(person: Person, form: Template) -> list[str]:
    """Headers whose value differs from what was there at the beginning."""
    if person.before is None:
        return []
    return [c.header for c in form.columns if person.before.get(c.field) != person.now.get(c.field)]


def _canonical(person: Person, form: Template) -> str:
    """What the fingerprint covers: the template's facts, the branch by its number, and whether the person is still there."""
    facts = person.now | {"branch": str(person.organization_id)}
    return "\x1f".join([str(person.change.stands), *(f"{name}={facts.get(name)}" for name in form.fields)])


# --- filing ---


@dataclass(frozen=True)
class Filed:
    filing: Filing
    content: bytes


def file_changes(node: Organization, asked: Asked, *, actor: User) -> Filed | None:
    """Write what has changed into the template and mark it as filed; None when nothing is new.

    The marks are read before the work: writers of the roll wait for that moment only.
    """
    access.require(actor, Capability.FILE_CHANGES, node.path)
    require_by_policy(actor, GuardedAct.NUMBERS, node.path, words=f"报送{node.short_name}的变动（含号码）")
    return _file(node, asked, marks_now(), actor)


@transaction.atomic
def _file(node: Organization, asked: Asked, until: Marks, actor: User) -> Filed | None:
    """One filing of a node at a time: the second one finds that the first has filed everything."""
    node = Organization.objects.select_for_update(no_key=True).get(pk=node.pk)
    drawn = draw(node, asked, actor=actor, until=until)
    if not drawn.lines:
        return None
    filing = Filing.objects.create(
        organization=node, org_path=node.path, template=asked.form.name, since=asked.since, members_mark=until.members,
        tree_mark=until.tree, counts=drawn.counts, incomplete=len(drawn.incomplete), actor=actor, actor_name=actor.full_name,
    )  # fmt: skip
    copy_rows(FiledRow, [_row(filing, line, asked.form) for line in drawn.lines])
    content = _workbook(filing, drawn, actor)
    vault.keep(vault.FILINGS, filing.uuid, content)
    _record(filing, drawn, actor)
    return Filed(filing, content)


def _row(filing: Filing, line: Line, form: Template) -> FiledRow:
    print_ = crypto.blind(_canonical(line.person, form), FINGERPRINT, keys="audit")
    return FiledRow(filing=filing, member_uuid=line.person.uuid, kind=line.kind, fingerprint=print_)


def _workbook(filing: Filing, drawn: Drawn, actor: User) -> bytes:
    """The template's own sheet holds nothing but its columns; those who are gone and who made the file stand beside it."""
    form, out, mark = drawn.template, io.BytesIO(), watermark(actor, "报送")
    rows = [form.cells(line.person.now) for line in drawn.lines if line.kind != FiledKind.GONE]
    gone: list[list[Cell]] = [_gone_cells(line.person, form) for line in drawn.lines if line.kind == FiledKind.GONE]
    pages = [Page(form.sheet, form.headers, rows)]
    pages += [Page(form.gone_sheet, GONE_HEADERS, gone)] if gone else []
    pages.append(Page("说明", ["项目", "内容"], _about(filing, drawn, mark)))
    write_book(out, pages, Mark(mark, str(filing.uuid)))
    return out.getvalue()


def _gone_cells(person: Person, form: Template) -> list[Cell]:
    day = person.gone_on
    shown = day.strftime(form.dates) if day and form.dates else day
    return [str(person.now["name"]), str(person.now["id_number"]), str(person.now["branch"]), person.gone_how, shown]


def _about(filing: Filing, drawn: Drawn, mark: str) -> list[list[Cell]]:
    began = f"{drawn.since:%Y年%-m月%-d日}起" if drawn.since else "上次报送之后" if drawn.last else "首次报送"
    counts = "，".join(f"{kind.label} {drawn.count(kind)} 人" for kind in FiledKind)
    return [
        ["表样", drawn.template.title], ["组织", f"{drawn.node.name}（{drawn.node.code}）"], ["范围", began], ["人数", counts],
        ["缺项", f"{len(drawn.incomplete)} 人"], ["报送编号", str(filing.uuid)], ["导出", mark],
    ]  # fmt: skip


def _record(filing: Filing, drawn: Drawn, actor: User) -> None:
    _record_readings(filing, [line.person.uuid for line in drawn.lines], actor)
    record(
        "file_changes", actor=actor, kind="filing", subject=filing.uuid, path=filing.org_path,
        details={"template": filing.template, "since": drawn.since, **drawn.counts, "incomplete": filing.incomplete},
    )  # fmt: skip


def _record_readings(filing: Filing, members: Sequence[object], actor: User) -> None:
    reason = f"报送上级系统：{template(filing.template).title}"
    post = post_of(actor, filing.org_path)
    record_readings(list(members), CLEAR_FIELDS, reason, actor=actor, organization=post, path=filing.org_path)


@transaction.atomic
def fetch(filing: Filing, *, actor: User) -> bytes:
    """The workbook once more: whoever takes it has read everybody in it."""
    access.require(actor, Capability.FILE_CHANGES, filing.org_path)
    require_by_policy(actor, GuardedAct.NUMBERS, filing.org_path, words=f"报送{filing.organization.short_name}的变动（含号码）")
    content = vault.kept(vault.FILINGS, filing.uuid)
    _record_readings(filing, list(filing.rows.values_list("member_uuid", flat=True)), actor)
    record("fetch_filing", actor=actor, kind="filing", subject=filing.uuid, path=filing.org_path)
    return content


@transaction.atomic
def withdraw(filing: Filing, reason: str, *, actor: User) -> Filing:
    """The superior has rejected the file: what it held counts as not reported. Only the last one, so that no gap is left."""
    node = Organization.objects.select_for_update(no_key=True).get(pk=filing.organization_id)
    access.require(actor, Capability.FILE_CHANGES, node.path)
    filing = Filing.objects.select_for_update().get(pk=filing.pk)
    if filing.state == FilingState.WITHDRAWN:
        return filing
    if not reason.strip():
        raise DomainError("reason_missing", "请写明上级系统为什么没有接收。", field="reason")
    last = last_filing(node, template(filing.template))
    if last is None or last.pk != filing.pk:
        raise Conflict("not_last_filing", "之后又报送过，请先撤回后面的一次。")
    why = mask_numbers(reason.strip())[:200]
    move(filing, FilingState.WITHDRAWN, withdrawn_at=timezone.now(), withdrawn_by=actor.full_name, withdrawn_why=why)
    record("withdraw_filing", actor=actor, kind="filing", subject=filing.uuid, path=filing.org_path, reason=why)
    return filing


def forget_filings() -> int:
    """Delete workbooks older than their time (regulations `registry`); what was reported stays known."""
    forgotten = 0
    for filing in Filing.objects.filter(forgotten_at__isnull=True):
        days = pack("registry", on=today(), at=filing.org_path).integer("filing.keep_days")
        if filing.filed_at + timedelta(days=days) <= timezone.now():
            _forget(filing)
            forgotten += 1
    return forgotten


@transaction.atomic
def _forget(filing: Filing) -> None:
    filing.forgotten_at = timezone.now()
    filing.save(update_fields=["forgotten_at"])
    record("forget_upload", actor=None, kind="filing", subject=filing.uuid, path=filing.org_path)
    vault.forget(vault.FILINGS, filing.uuid)
