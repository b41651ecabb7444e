"""One account for every role, with a random password that exists only in demo mode, kept beside the data (0600)."""

import json
import os
import secrets
import string
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from accounts.domain.founding import create_ready_account
from accounts.domain.passwords import write_password
from accounts.enums import AccountKind, Administrator
from accounts.models import User
from members.domain.logins import issue_activation
from members.domain.reveal import RevealReason, reveal
from members.enums import ON_ROLL
from members.models import Member
from orgs.domain.grants import write_grant
from orgs.models import Organization, Role
from portal.demo.plan import SAMPLE_BRANCHES, SAMPLE_COMMITTEE
from portal.demo.teams import Seat, seat_officers

FILE = "demo-accounts.json"
LABELS = {
    "system": "系统管理员", "security": "安全保密管理员", "audit": "安全审计员", "city_department_officer": "市委组织部工作人员",
    "county_department_officer": "县委组织部工作人员", "committee_officer": "党委组织员", "branch_secretary": "党支部书记",
    "branch_organizer": "支部组织委员", "figures_reader": "统计查看", "member": "党员", "new_member": "待启用的党员",
}  # fmt: skip
POST_PAPER = "样组任〔2026〕1号"


@dataclass(frozen=True)
class DemoAccount:
    """`activation_code` instead of a password for the member who has not signed in yet."""

    role: str
    username: str
    password: str
    org_code: str
    org_name: str
    full_name: str = ""
    activation_code: str = ""

    def as_listed(self) -> dict[str, str]:
        """What `manage.py demo --json` says of an account."""
        return {name: getattr(self, name) for name in ("role", "username", "password", "org_code", "org_name")}


@dataclass(frozen=True)
class _Post:
    """An officer of the demo: what they are called, the role they hold and where."""

    role: str
    username: str
    full_name: str
    role_code: str
    organization: Organization


def new_password() -> str:
    """Sixteen letters and digits that are easily told apart, of every class."""
    letters = [c for c in string.ascii_letters + string.digits if c not in "0O1lI"]
    while True:
        made = "".join(secrets.choice(letters) for _ in range(16))
        if any(c.islower() for c in made) and any(c.isupper() for c in made) and any(c.isdigit() for c in made):
            return f"{made[:4]}-{made[4:8]}-{made[8:12]}-{made[12:]}"


@transaction.atomic
def open_accounts(seats: Sequence[Seat] = ()) -> list[DemoAccount]:
    """The access of officers with a seat comes from their appointment, that of the others is given."""
    top = Organization.objects.get(parent=None)
    branch = Organization.objects.get(name=SAMPLE_BRANCHES[0], parent__name=SAMPLE_COMMITTEE)
    made = [_open_administrator(post, top) for post in (Administrator.SYSTEM, Administrator.SECURITY, Administrator.AUDIT)]
    security = User.objects.get(administrator=Administrator.SECURITY)
    seated = {seat.login for seat in seats}
    made += [_open_officer(post, security, seated) for post in _posts(top, branch)]
    seat_officers(seats, department=User.objects.get(username="city"), security=security)
    made += _open_members(branch)
    return made


def _posts(top: Organization, branch: Organization) -> list[_Post]:
    committee = branch.parent
    county = committee.parent
    city = county.parent
    return [
        _Post("city_department_officer", "city", "方明远", "department_officer", city),
        _Post("county_department_officer", "county", "何静", "department_officer", county),
        _Post("committee_officer", "town", "许南乔", "committee_officer", committee),
        _Post("branch_secretary", "secretary", "李砚秋", "branch_secretary", branch),
        _Post("branch_organizer", "organizer", "沈知白", "branch_organizer", branch),
        _Post("figures_reader", "figures", "唐若谷", "figures_reader", city),
    ]


def _open_administrator(post: Administrator, top: Organization) -> DemoAccount:
    names = {Administrator.SYSTEM: "顾维安", Administrator.SECURITY: "孟守一", Administrator.AUDIT: "严若清"}
    password = new_password()
    create_ready_account(str(post), names[post], password, administrator=post)
    return DemoAccount(str(post), str(post), password, top.code, top.name, names[post])


def _open_officer(post: _Post, security: User, seated: Collection[str]) -> DemoAccount:
    password = new_password()
    user = create_ready_account(post.username, post.full_name, password)
    if post.username not in seated:
        write_grant(user, Role.objects.get(code=post.role_code), post.organization, why=POST_PAPER, actor=security)
    return DemoAccount(post.role, post.username, password, post.organization.code, post.organization.name, post.full_name)


def _open_members(branch: Organization) -> list[DemoAccount]:
    """A member who signs in, and an old one whose activation code waits to be used."""
    present = Member.objects.filter(organization=branch, standing__in=ON_ROLL, appointments=None)
    member, elder = present.filter(birth_date__year__gte=1980).order_by("id").first() or present.first(), None
    elder = present.exclude(pk=member.pk).order_by("birth_date").first()
    password = new_password()
    member.user = create_ready_account("member", member.name, password, kind=AccountKind.MEMBER)
    Member.objects.filter(pk=member.pk).update(user=member.user)
    secretary = User.objects.get(username="secretary")
    reveal(member, "phone", actor=secretary, reason=RevealReason.CONTACT, note="通知参加本月主题党日")
    issued = issue_activation(elder, actor=secretary)
    return [
        DemoAccount("member", "member", password, branch.code, branch.name, member.name),
        DemoAccount("new_member", issued.user.username, "", branch.code, branch.name, elder.name, issued.code),
    ]


def keep(accounts: list[DemoAccount]) -> None:
    """Write the passwords down for the next start, readable by the owner alone."""
    file, fresh = _file(), _file().with_suffix(".new")
    fresh.unlink(missing_ok=True)
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as out:
        json.dump([asdict(a) for a in accounts], out, ensure_ascii=False, indent=1)
    fresh.replace(file)


def kept() -> list[DemoAccount]:
    """The accounts of the demo; those whose password is no longer known get a new one."""
    if _file().exists():
        return [DemoAccount(**entry) for entry in json.loads(_file().read_text("utf-8"))]
    renewed = _renew()
    keep(renewed)
    return renewed


@transaction.atomic
def _renew() -> list[DemoAccount]:
    top = Organization.objects.get(parent=None)
    branch = Organization.objects.get(name=SAMPLE_BRANCHES[0], parent__name=SAMPLE_COMMITTEE)
    places = [(p, p, top) for p in (Administrator.SYSTEM, Administrator.SECURITY, Administrator.AUDIT)]
    places += [(p.role, p.username, p.organization) for p in _posts(top, branch)] + [("member", "member", branch)]
    renewed = []
    for role, username, organization in places:
        user, password = User.objects.get(username=str(username)), new_password()
        write_password(user, password)
        renewed.append(DemoAccount(str(role), user.username, password, organization.code, organization.name, user.full_name))
    return renewed


def shown(account: DemoAccount) -> tuple[str, str, str, str, str]:
    """A line of the table. Whoever has changed the password since keeps it to themselves."""
    user = User.objects.get(username=account.username)
    since = datetime.fromtimestamp(_file().stat().st_mtime, UTC)
    shown_as = account.password or f"启用码 {account.activation_code}"
    if user.has_usable_password() and user.password_changed_at and user.password_changed_at > since:
        shown_as = "（本人已设新口令）"
    return LABELS[account.role], account.username, shown_as, account.full_name, f"{account.org_name}（{account.org_code}）"


def _file() -> Path:
    return Path(settings.DATA_DIR) / FILE
