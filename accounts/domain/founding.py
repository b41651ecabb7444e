"""The three administrators (三员): made when the system is founded, never by a list."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction
from django.utils import timezone

from accounts import rules
from accounts.domain import policies, sessions
from accounts.domain.codes import IssuedCode, write_code
from accounts.enums import AccountKind, Administrator, CodePurpose
from accounts.models import ActivationCode, PasswordHistory, User
from audit.domain import record
from core import installation
from core.errors import Conflict, DomainError, NotAllowed

POSTS = (Administrator.SYSTEM, Administrator.SECURITY, Administrator.AUDIT)
_LOCK = 0x666F756E  # one founding at a time


@dataclass(frozen=True)
class NewAdministrator:
    post: str
    username: str
    full_name: str


@transaction.atomic
def create_administrators(people: Sequence[NewAdministrator], *, os_user: str = "") -> list[IssuedCode]:
    """The three, each with a one-time code. Only once, and three different people."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    if User.objects.exclude(administrator="").exists():
        raise Conflict("already_founded", "三员账号已经建好，不能再建一遍。")
    _require_three(people)
    policies.begin()
    return [_open_administrator(person, os_user) for person in people]


def _require_three(people: Sequence[NewAdministrator]) -> None:
    if sorted(p.post for p in people) != sorted(POSTS):
        raise DomainError("three_posts", "系统管理员、安全保密管理员、安全审计员各要一人。")
    if len({p.username for p in people}) != len(POSTS) or len({p.full_name for p in people}) != len(POSTS):
        raise DomainError("three_people", "三员要由三个不同的人担任。")
    for person in people:
        _require_good_name(person)


def _require_good_name(person: NewAdministrator) -> None:
    if not rules.USERNAME.fullmatch(person.username) or not person.full_name.strip():
        raise DomainError("bad_username", f"登录名“{person.username}”不能用：小写字母开头，2 到 32 个字符，并请填写姓名。")
    if User.objects.filter(username=person.username).exists():
        raise Conflict("username_taken", f"登录名“{person.username}”已有人用。")


def _open_administrator(person: NewAdministrator, os_user: str) -> IssuedCode:
    user = User.objects.create(
        username=person.username,
        full_name=person.full_name,
        kind=AccountKind.OFFICER,
        administrator=person.post,
        is_active=True,
        password=make_password(None),
    )
    record("open_administrator", actor=None, kind="account", subject=user.uuid, details={"post": str(person.post)})
    return write_code(user, CodePurpose.ACTIVATE, actor=None, os_user=os_user)


@transaction.atomic
def replace_administrator(former: User, person: NewAdministrator, reason: str, *, os_user: str = "") -> IssuedCode:
    """A new person in a post, the former one closed in the same breath. From the server only (`manage.py`)."""
    locked = User.objects.select_for_update(no_key=True).get(pk=former.pk)
    if not locked.administrator or locked.administrator != person.post or not locked.is_active:
        raise Conflict("not_in_post", "原来的账号不在这个岗位上，或已经停用。")
    if not reason.strip():
        raise DomainError("reason_missing", "请写明更换的原因。", field="reason")
    _require_good_name(person)
    _require_other_person(person)
    locked.is_active, locked.deactivated_at, locked.deactivation_reason = False, timezone.now(), reason.strip()[:200]
    locked.save(update_fields=["is_active", "deactivated_at", "deactivation_reason"])
    ActivationCode.objects.filter(user=locked, used_at=None, superseded_at=None).update(superseded_at=timezone.now())
    sessions.end_others(locked, None)
    record("replace_administrator", actor=None, kind="account", subject=locked.uuid, reason=reason.strip()[:200])
    return _open_administrator(person, os_user)


def _require_other_person(person: NewAdministrator) -> None:
    """Nobody holds two posts, under whatever login: who already is one of the three takes no second post."""
    in_post = User.objects.filter(is_active=True).exclude(administrator__in=("", person.post))
    if in_post.filter(full_name=person.full_name.strip()).exists():
        raise Conflict("holds_another_post", f"{person.full_name}已经担任三员中的另一个岗位，一人不能兼任。")


@transaction.atomic
def create_ready_account(
    username: str, full_name: str, password: str, *, kind: str = AccountKind.OFFICER, administrator: str = ""
) -> User:
    """An account that already has its password: only in a demonstration, whose database production refuses."""
    if not installation.is_demo():
        raise NotAllowed("not_a_demonstration", "只有演示环境可以直接建立带口令的账号。")
    user = User.objects.create(
        username=username,
        full_name=full_name,
        kind=kind,
        administrator=administrator,
        is_active=True,
        password=make_password(password),
        password_changed_at=timezone.now(),
    )
    PasswordHistory.objects.create(user=user, password=user.password)
    record("create_ready_account", actor=None, kind="account", subject=user.uuid)
    return user
