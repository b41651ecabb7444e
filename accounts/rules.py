"""Who may do what with accounts, and when a name, a password, a code or a session is good. No ORM (rules.md §11.1–11.2)."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import pyotp

from accounts.enums import AccountKind, Administrator, FactorSubject, ListState, RequestState

if TYPE_CHECKING:
    from accounts.models import AccountList, AccountRequest, User

# Read aloud and copied by hand: no 0/O, 1/I/L. 31 signs, 12 of them: 59 bits.
CODE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12
CODE_GROUP = 4

# Marks of the user agent, the more particular first.
BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg/", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "安卓"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "Mac"),
    ("Linux", "Linux"),
)

# People who may share a number they sign in with: a family's telephone, a number registered twice.
MOST_MEANT = 3

USERNAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
_LIKE_A_NUMBER = re.compile(r"\d{6,}")


@dataclass(frozen=True)
class PasswordRules:
    """`expires_days` 0: does not expire. `kept` is how many earlier passwords may not come back."""

    min_length: int
    min_classes: int
    kept: int
    expires_days: int


@dataclass(frozen=True)
class SessionRules:
    idle: timedelta
    absolute: timedelta
    most: int


@dataclass(frozen=True)
class TryRules:
    """At most `most` wrong tries within `window`."""

    most: int
    window: timedelta


@dataclass(frozen=True)
class LineDraft:
    """One line of a proposed list."""

    username: str
    full_name: str
    role_code: str
    organization_code: str
    note: str = ""


@dataclass(frozen=True)
class LineFault:
    """What is wrong with one line, counted from 1."""

    row: int
    column: str
    code: str
    message: str


# --- who may ---


def in_post(actor: "User", *posts: Administrator) -> bool:
    return actor.is_active and actor.administrator in posts


def may_propose(actor: "User") -> bool:
    """系统管理员建号 (rules.md §11.2)."""
    return in_post(actor, Administrator.SYSTEM)


def may_review(actor: "User", proposed: "AccountList") -> bool:
    """安全员审核; never one's own list."""
    return in_post(actor, Administrator.SECURITY) and proposed.proposed_by_id != actor.pk


def posts_for(user: "User") -> tuple[Administrator, Administrator]:
    """Who asks and who confirms for an account: system and security; for one of those two, the other one and the auditor."""
    if user.administrator == Administrator.SYSTEM:
        return Administrator.SECURITY, Administrator.AUDIT
    if user.administrator == Administrator.SECURITY:
        return Administrator.SYSTEM, Administrator.AUDIT
    return Administrator.SYSTEM, Administrator.SECURITY


def may_request_for(actor: "User", user: "User") -> bool:
    return in_post(actor, posts_for(user)[0]) and actor.pk != user.pk


def may_confirm(actor: "User", request: "AccountRequest") -> bool:
    """The second administrator, who is neither the first nor the person."""
    return in_post(actor, posts_for(request.user)[1]) and actor.pk not in (request.requested_by_id, request.user_id)


def may_issue_code(actor: "User", user: "User") -> bool:
    """Members' codes by an officer (the members room checks the scope). Officers' codes only by two administrators."""
    officer_at_work = actor.is_active and actor.is_officer and not actor.administrator
    return officer_at_work and user.kind == AccountKind.MEMBER and actor.pk != user.pk


def may_open_member_login(actor: "User") -> bool:
    return actor.is_active and actor.is_officer and not actor.administrator


def may_deactivate(actor: "User", user: "User") -> bool:
    """Closing is quick, one person; opening again takes two. The three administrators are replaced, not closed."""
    if user.administrator or actor.pk == user.pk:
        return False
    if user.kind == AccountKind.MEMBER and may_open_member_login(actor):
        return True
    return in_post(actor, Administrator.SYSTEM, Administrator.SECURITY)


def may_end_session(actor: "User", user: "User") -> bool:
    """An officer's, by the system administrator; not those of the other two, who are not his to hinder."""
    return in_post(actor, Administrator.SYSTEM) and user.kind == AccountKind.OFFICER and not user.administrator


def is_waiting(item: "AccountList | AccountRequest") -> bool:
    return item.state in (ListState.PROPOSED, RequestState.REQUESTED)


# --- names, passwords, codes ---


def looks_like_a_number(name: str) -> bool:
    """An ID or phone number typed as a name: it is never written down."""
    return bool(_LIKE_A_NUMBER.search(unicodedata.normalize("NFKC", name)))


def may_be_a_username(name: str) -> bool:
    return bool(USERNAME.fullmatch(name)) and not looks_like_a_number(name)


def line_faults(lines: Sequence[LineDraft]) -> list[LineFault]:
    """Faults that the lines show by themselves; taken names are asked of the database."""
    faults: list[LineFault] = []
    seen: dict[str, int] = {}
    for row, line in enumerate(lines, start=1):
        faults += _own_faults(row, line)
        if line.username in seen:
            message = f"登录名“{line.username}”与第 {seen[line.username]} 行重复"
            faults.append(LineFault(row, "username", "duplicate_in_list", message))
        seen.setdefault(line.username, row)
    return faults


def _own_faults(row: int, line: LineDraft) -> list[LineFault]:
    faults = []
    if not USERNAME.fullmatch(line.username):
        message = "登录名要以小写字母开头，由 2 到 32 个小写字母、数字、点、横线或下划线组成"
        faults.append(LineFault(row, "username", "bad_username", message))
    elif looks_like_a_number(line.username):
        faults.append(LineFault(row, "username", "number_as_username", "登录名不能含证件号或手机号"))
    if not 1 <= len(line.full_name) <= 64:
        faults.append(LineFault(row, "full_name", "bad_name", "请填写姓名（64 个字以内）"))
    if not line.role_code:
        faults.append(LineFault(row, "role_code", "missing_role", "请选择角色"))
    if not line.organization_code:
        faults.append(LineFault(row, "organization_code", "missing_organization", "请填写组织代码"))
    return faults + _length_faults(row, line)


def _length_faults(row: int, line: LineDraft) -> list[LineFault]:
    limits = (("role_code", 64, "角色"), ("organization_code", 64, "组织层级码"), ("note", 200, "备注"))
    return [
        LineFault(row, column, "too_long", f"{label}太长（最多 {most} 个字）")
        for column, most, label in limits
        if len(getattr(line, column)) > most
    ]


def character_classes(password: str) -> int:
    """How many of: lower case, upper case, digits, other signs."""
    tests = (str.islower, str.isupper, str.isdigit, lambda c: not (c.islower() or c.isupper() or c.isdigit()))
    return sum(any(test(c) for c in password) for test in tests)


def password_has_expired(changed_at: datetime | None, now: datetime, rules: PasswordRules) -> bool:
    if not rules.expires_days or changed_at is None:
        return False
    return now >= changed_at + timedelta(days=rules.expires_days)


def plain_code(typed: str) -> str:
    """A code as it is hashed: capitals without spaces and dashes, full-width signs made plain."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in text if sign.isalnum())


def spoken_code(plain: str) -> str:
    """ABCD-EFGH-JKMN."""
    return "-".join(plain[start : start + CODE_GROUP] for start in range(0, len(plain), CODE_GROUP))


# --- sessions ---


def session_fault(started_at: datetime, last_seen: datetime, now: datetime, rules: SessionRules) -> str:
    """ "" while the session is good, otherwise why it is over."""
    if now - started_at >= rules.absolute:
        return "absolute"
    if now - last_seen >= rules.idle:
        return "idle"
    return ""


def device_summary(agent: str) -> str:
    """A browser and a system in plain words; the full user agent string is not kept."""
    browsers = (
        ("MicroMessenger", "微信"),
        ("Edg/", "Edge"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    )
    systems = (
        ("HarmonyOS", "鸿蒙"),
        ("Android", "安卓"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    )
    browser = next((label for mark, label in browsers if mark in agent), "其他浏览器")
    system = next((label for mark, label in systems if mark in agent), "其他设备")
    return f"{system} · {browser}"


# --- the second factor ---

ROLE = "role:"
STEP = timedelta(seconds=30)  # RFC 6238, and what every phone application assumes
_DIGITS = re.compile(r"\d{6}")


def factor_required(user: "User", policies: Mapping[str, bool], roles: Collection[str]) -> bool:
    """A role's own policy stands before that of all officers; any role that requires it is enough."""
    if user.administrator or not user.is_officer:
        return policies.get(user.administrator or user.kind, False)
    usual = policies.get(FactorSubject.OFFICER, False)
    return any(policies.get(f"{ROLE}{role}", usual) for role in roles) if roles else usual


def accepted_step(secret: str, typed: str, now: datetime, window: int, last_step: int) -> int | None:
    """The time step whose code was typed, within `window` steps of now and newer than any step taken before."""
    code = "".join(unicodedata.normalize("NFKC", typed).split())
    if not _DIGITS.fullmatch(code):
        return None
    present, totp = int(now.timestamp() // STEP.total_seconds()), pyotp.TOTP(secret)
    good = [
        step
        for step in range(present - window, present + window + 1)
        if hmac.compare_digest(totp.generate_otp(step), code) and step > last_step
    ]
    return good[0] if good else None


def hashed_code(plain: str) -> str:
    return hashlib.sha256(plain.encode()).hexdigest()


def may_set_policy(actor: "User") -> bool:
    return in_post(actor, Administrator.SECURITY)
