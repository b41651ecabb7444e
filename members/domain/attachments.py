"""Verbs of attachments: attach, open, withdraw, sweep. Files lie sealed in the data folder, outside of what is served."""

import os
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from audit.domain import record, record_reading
from audit.domain.masking import mask_numbers
from core import access, crypto, transitions
from core.dates import today
from core.errors import Conflict, DomainError, Missing, NotAllowed
from core.registry import Owned, registry
from members.enums import RecordState
from members.file_checks import PICTURES, Checked, checked_file
from members.models import Attachment, Member
from orgs.enums import Capability
from orgs.queries import post_of
from regulations.packs import pack

TABLE = "members_attachment"
FIELD = "file"
NAME_LENGTH = 120


def attach(
    owner_kind: str, owner: uuid.UUID, content: bytes, file_name: str, *, actor: User, title: str, photo: bool = False
) -> Attachment:
    """Keep a file with its owner."""
    paper = Paper(content, file_name, title.strip(), photo)
    return keep_file(owner_kind, owner, paper, actor=actor, may=_require_edit)


def attach_own(member: Member, content: bytes, file_name: str, *, actor: User, title: str) -> Attachment:
    """A member hands in a paper for the own file, as proof of a correction; the branch sees it there."""
    paper = Paper(content, file_name, title.strip())
    return keep_file("member", member.uuid, paper, actor=actor, may=_require_own)


@dataclass(frozen=True)
class Paper:
    """A file on its way in."""

    content: bytes
    file_name: str
    title: str
    photo: bool = False
    row: uuid.UUID = field(default_factory=uuid.uuid4)


def keep_file(
    owner_kind: str, owner: uuid.UUID, paper: Paper, *, actor: User, may: Callable[[Owned, str, User], None]
) -> Attachment:
    """The file is written first and taken away again if its row does not come to stand."""
    found = owned_by(owner_kind, owner)
    may(found, found.path, actor)
    checked = _checked(paper.content, paper.file_name, photo=paper.photo)
    if not paper.title:
        raise DomainError("title_missing", "请写明这是什么材料。", field="title")
    made = Attachment(
        uuid=paper.row, owner_kind=owner_kind, owner=owner, title=mask_numbers(paper.title)[:60], is_photo=paper.photo,
        extension=checked.extension, media_type=checked.media_type, size=len(checked.content), uploaded_by=actor.full_name,
    )  # fmt: skip
    made.file_name = _shown_name(paper.file_name, checked.extension)
    _store(made.uuid, checked.content)
    try:
        return _register(made, actor=actor, may=may)
    except BaseException:
        path_of(made.uuid).unlink(missing_ok=True)
        raise


@transaction.atomic
def _register(made: Attachment, *, actor: User, may: Callable[[Owned, str, User], None]) -> Attachment:
    """The row, judged where the owner stands now; a photo takes the place of the one before."""
    found = owned_by(made.owner_kind, made.owner)
    if found.subject:
        made.member = Member.objects.select_for_update(no_key=True).get(uuid=found.subject)
    may(found, made.member.org_path if made.member else found.path, actor)
    if made.is_photo and made.member:
        for earlier in Attachment.objects.filter(member=made.member, is_photo=True, state=RecordState.STANDING):
            take_away(earlier, actor=actor, reason="换了新照片")
    made.save()
    _record("attach_file", made, found, actor=actor)
    return made


def _require_own(found: Owned, path: str, actor: User) -> None:
    """The member for the own file, up to the number of the pack: nobody fills the store."""
    member = Member.objects.filter(uuid=found.subject, user=actor).first() if found.subject else None
    if member is None:
        raise Missing
    most = pack("registry", on=today()).integer("attachment.own.max")
    if Attachment.objects.filter(member=member, owner_kind="member", state=RecordState.STANDING).count() >= most:
        raise DomainError("files_too_many", f"档案里已有 {most} 个附件，请先请支部整理。", field="file")


@transaction.atomic
def open_attachment(attachment: Attachment, *, actor: User) -> bytes:
    """The file for who may see it, after it was written down that it was opened. A photo is part of the file and is not."""
    found = owned_by(attachment.owner_kind, attachment.owner)
    if attachment.is_photo:
        access.require(actor, Capability.VIEW_MEMBERS, found.path)
    else:
        access.require(actor, found.view, found.path)
        if found.subject:
            post = post_of(actor, found.path)
            fields, why = [f"附件：{attachment.title}"], "打开附件"
            record_reading(found.subject, fields, why, actor=actor, organization=post, path=found.path)
    return stored(attachment)


@transaction.atomic
def open_own_attachment(attachment: Attachment, *, actor: User) -> bytes:
    """A member opens a file of the own: recorded, but not among the look-ups of others."""
    member = attachment.member
    if member is None or member.user_id != actor.pk:
        raise Missing
    details = {"fields": [f"附件：{attachment.title}"]}
    record("read_own", actor=actor, kind="member", subject=member.uuid, path=member.org_path, details=details)
    return stored(attachment)


@transaction.atomic
def withdraw_attachment(attachment: Attachment, *, actor: User, reason: str) -> Attachment:
    """Take the file away. The row stays and says who did it, when and why."""
    found = owned_by(attachment.owner_kind, attachment.owner)
    _require_edit(found, found.path, actor)
    if not reason.strip():
        raise DomainError("reason_missing", "请写明撤回的理由。", field="reason")
    attachment = Attachment.objects.select_for_update().get(pk=attachment.pk)
    if attachment.state == RecordState.WITHDRAWN:
        raise Conflict("withdrawn", "这个附件已经撤回。")
    take_away(attachment, actor=actor, reason=mask_numbers(reason.strip()))
    return attachment


def take_away(attachment: Attachment, *, actor: User, reason: str) -> None:
    """Without asking who may: the verbs that call this have."""
    now = timezone.now()
    transitions.move(
        attachment, RecordState.WITHDRAWN, withdrawn_reason=reason[:200], withdrawn_by=actor.full_name, withdrawn_at=now
    )
    found = owned_by(attachment.owner_kind, attachment.owner)
    _record("withdraw_file", attachment, found, actor=actor, reason=reason)
    path = path_of(attachment.uuid)
    transaction.on_commit(lambda: path.unlink(missing_ok=True))


def _require_edit(found: Owned, path: str, actor: User) -> None:
    for capability in found.edit:
        access.require(actor, capability, path)


def owned_by(kind: str, owner: uuid.UUID) -> Owned:
    """Where the owner of a file stands and what it takes to see and to change its files; whoever keeps such owners says so."""
    for provider in registry.attachment_owners:
        if provider.kind == kind and (found := provider.find(owner)):
            return found
    raise Missing


def attachments_of(kind: str, owner: uuid.UUID) -> list[Attachment]:
    return list(Attachment.objects.filter(owner_kind=kind, owner=owner).order_by("state", "-created_at", "-id"))


def photo_of(member: Member) -> Attachment | None:
    return Attachment.objects.filter(member=member, is_photo=True, state=RecordState.STANDING).first()


def _checked(content: bytes, file_name: str, *, photo: bool) -> Checked:
    rules = pack("registry", on=today())
    kinds = PICTURES if photo else rules.texts("attachment.kinds")
    limit = min(rules.integer("attachment.megabytes.max") * 1024 * 1024, settings.UPLOAD_LIMIT_BYTES)
    return checked_file(content, file_name, kinds=kinds, limit_bytes=limit)


def _record(verb: str, attachment: Attachment, found: Owned, *, actor: User, reason: str = "") -> None:
    record(
        verb, actor=actor, kind="member" if found.subject else attachment.owner_kind, subject=found.subject or attachment.owner,
        path=found.path, reason=reason, details={"name": attachment.title, "bytes": attachment.size},
        confidential=found.confidential,
    )  # fmt: skip


def _shown_name(file_name: str, extension: str) -> str:
    name = PurePath(file_name.replace("\\", "/")).stem
    return (
        "".join(c for c in name if c.isprintable() and c not in '<>:"|?*')[:NAME_LENGTH].strip(" .") or "附件"
    ) + f".{extension}"


# --- the files ---


def folder() -> Path:
    return Path(settings.DATA_DIR) / "attachments"


def path_of(row: uuid.UUID) -> Path:
    return folder() / row.hex[:2] / str(row)


def _store(row: uuid.UUID, content: bytes) -> None:
    """Written whole under another name first: what stands under the uuid is complete."""
    path = path_of(row)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_suffix(".part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(crypto.seal_bytes(content, table=TABLE, row=row, field=FIELD))
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)


def keep_attachment(row: uuid.UUID, content: bytes) -> None:
    """A file that came with the whole of an organisation; one without its row is swept."""
    _store(row, content)


def read_attachment(attachment: Attachment) -> bytes | None:
    """The file for taking out, None where it was withdrawn."""
    there = attachment.state == RecordState.STANDING and path_of(attachment.uuid).exists()
    return stored(attachment) if there else None


def stored(attachment: Attachment) -> bytes:
    """The file in clear. A withdrawn one has none."""
    if attachment.state == RecordState.WITHDRAWN:
        raise Missing
    try:
        sealed = path_of(attachment.uuid).read_bytes()
    except FileNotFoundError:
        raise NotAllowed("file_gone", "文件不在存储里，请告诉系统管理员从备份恢复。") from None
    return crypto.unseal_bytes(sealed, table=TABLE, row=attachment.uuid, field=FIELD)


def sweep_attachments() -> int:
    """Delete files without a standing row that have lain there for the hours of the pack: interrupted or undone uploads."""
    hours = pack("registry", on=today()).integer("attachment.orphan_hours")
    before = time.time() - hours * 3600
    old = [path for path in _files() if path.stat().st_mtime < before]
    names = {path.stem for path in old}
    standing = Attachment.objects.filter(state=RecordState.STANDING, uuid__in=[n for n in names if _is_uuid(n)])
    kept = {str(row) for row in standing.values_list("uuid", flat=True)}
    orphans = [path for path in old if path.suffix == ".part" or path.name not in kept]
    for path in orphans:
        path.unlink(missing_ok=True)
    return len(orphans)


def _files() -> Iterator[Path]:
    return (path for path in folder().glob("*/*") if path.is_file())


def _is_uuid(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
