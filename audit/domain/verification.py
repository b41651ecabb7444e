"""Checking the record against its chain, and the chain against the anchors outside the database. Changes nothing."""

import hmac
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.db import connection
from django.utils import timezone

from audit import rules
from audit.domain.anchoring import Anchor, UnreadableAnchor, read_anchors
from audit.domain.restores import FalseRestore, Restore, read_restores
from audit.domain.sealing import CANONICAL, unsealed_count
from audit.enums import Fault
from audit.models import AuditRecord, AuditSeal
from audit.rules import Link, Span

_ROWS: Final = f"""SELECT found.id, found.canonical
FROM unnest(%s::bigint[], %s::bigint[]) AS part(first, last) CROSS JOIN LATERAL (
    SELECT r.id, {CANONICAL} AS canonical FROM audit_auditrecord r WHERE r.id BETWEEN part.first AND part.last
) AS found"""  # noqa: S608 - constants only


@dataclass(frozen=True, slots=True)
class Problem:
    """One finding; `first` and `last` are ids of records where single records are meant, else 0."""

    kind: str
    message: str
    seal: int = 0
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A restore that was noted with the keys: to which moment, when, by whom, and how many sealed rows went with it."""

    restored_at: str
    made_at: str
    os_user: str
    given_up: int


@dataclass(frozen=True, slots=True)
class Report:
    """`sealed` counts the rows the chain covers, whether they still stand or not."""

    seals: int
    sealed: int
    unsealed: int
    anchors: int
    problems: tuple[Problem, ...]
    restores: tuple[GivenUp, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.problems


@dataclass(slots=True)
class _Walk:
    """What is remembered while going along the chain."""

    anchors: dict[int, list[Anchor]]
    seq: int = 0
    total: int = 0
    mac: bytes = rules.NO_PREVIOUS
    seals: int = 0
    days: set[str] = field(default_factory=set)


def verify(anchor_dir: Path) -> Report:
    """Recompute everything. The anchors are read first, so a link sealed meanwhile cannot look like one cut off."""
    anchors, problems = _sort_anchors(read_anchors(anchor_dir))
    restores = list(_put_back(anchor_dir, anchors, problems))
    walk = _Walk(anchors)
    for seal in AuditSeal.objects.order_by("seq").iterator(chunk_size=50):
        problems.extend(_check_seal(seal, walk))
    problems.extend(_check_end(walk))
    return Report(walk.seals, walk.total, unsealed_count(), sum(map(len, anchors.values())), tuple(problems), tuple(restores))


def _sort_anchors(found: Iterable[Anchor | UnreadableAnchor]) -> tuple[dict[int, list[Anchor]], list[Problem]]:
    anchors: dict[int, list[Anchor]] = {}
    problems: list[Problem] = []
    for one in found:
        if isinstance(one, UnreadableAnchor):
            problems.append(Problem(Fault.ANCHOR_UNREADABLE, f"锚点文件 {one.file} 内容无法读取"))
        else:
            anchors.setdefault(one.seq, []).append(one)
    return anchors, problems


def _put_back(folder: Path, anchors: dict[int, list[Anchor]], problems: list[Problem]) -> Iterator[GivenUp]:
    """Take the anchors out that an honest restore has given up; what only says to be one is a problem."""
    for found in read_restores(folder):
        if isinstance(found, FalseRestore):
            problems.append(Problem(Fault.RESTORE_FORGED, f"恢复记载第 {found.line} 行没有用审计密钥签过，不予采信"))
        elif _stands(found):
            gone = [anchor for there in anchors.values() for anchor in there if found.gives_up(anchor)]
            for anchor in gone:
                anchors[anchor.seq].remove(anchor)
            lost = max((anchor.total for anchor in gone), default=found.total) - found.total
            yield GivenUp(found.restored_at, found.made_at, found.os_user, lost)


def _stands(restore: Restore) -> bool:
    """The head the line names is in the chain, and the record says of the restore itself."""
    head = AuditSeal.objects.filter(seq=restore.seq).values_list("mac", flat=True).first() or rules.NO_PREVIOUS
    told = AuditRecord.objects.filter(verb="restore", subject=restore.number).exists()
    return told and bytes(head).hex() == restore.mac


def _check_seal(seal: AuditSeal, walk: _Walk) -> Iterator[Problem]:
    yield from _check_link(seal, walk)
    yield from _check_rows(seal)
    for anchor in walk.anchors.get(seal.seq, []):
        if anchor.mac != bytes(seal.mac).hex():
            yield Problem(Fault.CUT_OFF, f"封条 {seal.seq} 与 {anchor.date} 的锚点不符：该处之后的记录被截去并重写", seal.seq)
    walk.seq, walk.total, walk.mac = seal.seq, seal.total, bytes(seal.mac)
    walk.seals += 1
    walk.days.add(timezone.localtime(seal.sealed_at).date().isoformat())


def _check_link(seal: AuditSeal, walk: _Walk) -> Iterator[Problem]:
    if seal.seq != walk.seq + 1:
        yield Problem(Fault.LINK_BROKEN, f"封条 {walk.seq + 1} 至 {seal.seq - 1} 缺失", seal.seq)
    elif bytes(seal.previous) != walk.mac or seal.total != walk.total + seal.count:
        yield Problem(Fault.LINK_BROKEN, f"封条 {seal.seq} 与前一封条不相连", seal.seq)
    link = _link_of(seal)
    mac = rules.mac_of(link)
    if mac is None:
        yield Problem(Fault.KEY_MISSING, f"封条 {seal.seq} 的密钥 {seal.key_id} 不在密钥文件中，无法核对", seal.seq)
    elif not (hmac.compare_digest(mac, bytes(seal.mac)) and _is_whole(seal, link)):
        yield Problem(Fault.SEAL_CHANGED, f"封条 {seal.seq} 被改动或伪造", seal.seq)


def _link_of(seal: AuditSeal) -> Link:
    return Link(
        seq=seal.seq,
        spans=tuple(zip(seal.firsts, seal.lasts, strict=False)),
        count=seal.count,
        total=seal.total,
        digest=bytes(seal.digest),
        previous=bytes(seal.previous),
        sealed_at=seal.sealed_at,
        key_id=seal.key_id,
    )


def _is_whole(seal: AuditSeal, link: Link) -> bool:
    """The columns the MAC does not name directly agree with those it does."""
    row_digests = bytes(seal.row_digests)
    return (
        _names_its_rows(seal)
        and (seal.first_id, seal.last_id) == (link.spans[0][0], link.spans[-1][1])
        and seal.count == len(row_digests) // rules.DIGEST_BYTES
        and rules.digest_of(row_digests) == link.digest
    )


def _names_its_rows(seal: AuditSeal) -> bool:
    """One digest for each covered id: otherwise the seal cannot say which row is meant."""
    rows = sum(last - first + 1 for first, last in zip(seal.firsts, seal.lasts, strict=False))
    return 0 < rows == len(bytes(seal.row_digests)) // rules.DIGEST_BYTES and len(seal.firsts) == len(seal.lasts)


def _check_rows(seal: AuditSeal) -> Iterator[Problem]:
    """Name every covered row that is gone or whose content is another."""
    if not _names_its_rows(seal):
        return
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [seal.firsts, seal.lasts])
        standing = {number: rules.row_digest(canonical) for number, canonical in cursor.fetchall()}
    sealed = bytes(seal.row_digests)
    missing: list[int] = []
    changed: list[int] = []
    for place, number in enumerate(rules.numbers(_link_of(seal).spans)):
        digest = standing.get(number)
        if digest is None:
            missing.append(number)
        elif digest != sealed[place * rules.DIGEST_BYTES : (place + 1) * rules.DIGEST_BYTES]:
            changed.append(number)
    yield from _name(Fault.MISSING, "被删除", seal.seq, missing)
    yield from _name(Fault.CHANGED, "被改动", seal.seq, changed)


def _name(kind: str, what: str, seq: int, ids: list[int]) -> Iterator[Problem]:
    for first, last in rules.spans(ids):
        yield Problem(kind, f"记录 {_range((first, last))} {what}", seq, first, last)


def _range(span: Span) -> str:
    first, last = span
    return str(first) if first == last else f"{first} 至 {last}"


def _check_end(walk: _Walk) -> Iterator[Problem]:
    """Anchors beyond the last link tell of a tail cut off; a day with seals but without anchor, of a lost anchor."""
    beyond = [anchor for seq, anchors in walk.anchors.items() if seq > walk.seq for anchor in anchors]
    if beyond:
        last = max(beyond, key=lambda anchor: anchor.seq)
        lost = last.total - walk.total
        yield Problem(Fault.CUT_OFF, f"{last.date} 的锚点记有 {last.seq} 个封条，现只有 {walk.seq} 个：末尾 {lost} 条记录被截去")
    known = {anchor.date for anchors in walk.anchors.values() for anchor in anchors}
    for day in sorted(walk.days - known):
        yield Problem(Fault.ANCHOR_MISSING, f"{day} 有封条而没有锚点文件")
