"""The cast. Everybody knows their names: two sibling branches under one committee, one branch under another.

样例市委 ─ 样东区委 ─ 样例镇党委 ─ 第一党支部 (secretary: Li, member: Chen)
                  │             └ 第二党支部 (secretary: Wang, member: Zhao)
                  └ 邻镇党委 ─ 邻村党支部 (secretary: Sun, member: Zhou)
Li's neighbour is Wang; Sun is the stranger from the other committee.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count

from django.utils import timezone

from accounts.enums import AccountKind
from accounts.models import User
from core.paths import child_path
from members.domain.roll import enrol
from members.models import Member
from members.row_rules import read_person
from orgs.domain.founding import found
from orgs.domain.grants import write_grant
from orgs.domain.tree import NewOrganization, Paper, place
from orgs.enums import Kind
from orgs.models import Organization, Role
from tests.put_back import once

PASSWORD = "样例-口令-2026-Ab"
START = date(2020, 1, 1)
_numbers = count(1)


@dataclass
class Cast:
    """The tree, the officers by name, the members by name."""

    city: Organization
    county: Organization
    committee: Organization
    branch: Organization
    sibling: Organization
    other_committee: Organization
    other_branch: Organization
    people: dict[str, User] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)

    def __getitem__(self, name: str) -> User:
        return self.people[name]


def user(username: str, full_name: str, **extra: object) -> User:
    made = User(username=username, full_name=full_name, is_active=True, password_changed_at=timezone.now(), **extra)
    made.set_password(PASSWORD)
    made.save()
    return made


def organization(parent: Organization, name: str, kind: str = Kind.BRANCH) -> Organization:
    return place(
        parent, NewOrganization(name=name, short_name=name, kind=kind), Paper("样组〔2020〕1号", START), actor_name="测试"
    )


def id_number(birth: date = date(1980, 5, 4), sex: str = "1", region: str = "990001") -> str:
    """A valid number of a region that does not exist, never the same twice in a run."""
    order = next(_numbers)
    body = f"{int(region) + order // 400:06d}{birth:%Y%m%d}{order % 400 * 2 + (1 if sex == '1' else 0):03d}"
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights, strict=True)) % 11]


def person(name: str, **cells: object) -> dict[str, object]:
    """Cells of a person as a form or a workbook would give them."""
    birth = cells.pop("birth_date", date(1980, 5, 4))
    sex = cells.pop("sex", "男")
    return {
        "name": name, "id_number": id_number(birth, "1" if sex == "男" else "2"), "sex": sex, "birth_date": birth,
        "nation": "汉族", "education": "大学本科", "category": "正式党员", "joined_on": date(2005, 7, 1),
        "converted_on": date(2006, 7, 1), "job": "专业技术人员", "phone": f"1390000{next(_numbers) % 10000:04d}",
        "address": "测试市样例区和平路1号", "standing": "正常", **cells,
    }  # fmt: skip


def member(organization: Organization, name: str, *, actor: User, **cells: object) -> Member:
    reading = read_person(person(name, branch=organization.name, **cells), on=date(2026, 11, 22), demo=True)
    assert not reading.faults, reading.faults
    return enrol(organization, reading.facts, actor=actor)


def build_cast() -> Cast:
    return once(_build)


def build_tree() -> Cast:
    """The tree and its officers without the roll (orgs stands below members), and one member's login."""
    return once(_build_tree)


def _build() -> Cast:
    cast = _tree()
    _members(cast)
    return cast


def _build_tree() -> Cast:
    cast = _tree()
    cast.people["m-chen"] = user("m-chen", "陈望舒", kind=AccountKind.MEMBER)
    return cast


def _tree() -> Cast:
    city = found(
        name="中共样例市委员会",
        short_name="样例市委",
        code="99",
        document_no="样〔2020〕1号",
        established_on=START,
        actor_name="测试",
        demo=True,
    )
    county = organization(city, "样东区委", Kind.COMMITTEE)
    committee = organization(county, "样例镇党委", Kind.COMMITTEE)
    other = organization(county, "邻镇党委", Kind.COMMITTEE)
    cast = Cast(
        city, county, committee, organization(committee, "第一党支部"), organization(committee, "第二党支部"),
        other, organization(other, "邻村党支部"),
    )  # fmt: skip
    _people(cast)
    return cast


def _people(cast: Cast) -> None:
    p = cast.people
    for post, name in (("system", "系统管理员"), ("security", "安全保密员"), ("audit", "安全审计员")):
        p[post] = user(post, name, administrator=post)
    posts = [
        ("department", "市委组织部", "department_officer", cast.city), ("county", "区委组织部", "department_officer", cast.county),
        ("committee", "镇党委组织员", "committee_officer", cast.committee), ("secretary", "李砚秋", "branch_secretary", cast.branch),
        ("neighbour", "王承泽", "branch_secretary", cast.sibling), ("stranger", "孙若谷", "branch_secretary", cast.other_branch),
        ("organizer", "许南乔", "branch_organizer", cast.branch), ("reader", "统计员", "figures_reader", cast.county),
    ]  # fmt: skip
    for username, name, role, node in posts:
        p[username] = user(username, name)
        write_grant(p[username], Role.objects.get(code=role), node, why="样组任〔2026〕1号", actor=p["security"])
    now = timezone.now()
    for username, start, end in (
        ("expired", now - timedelta(days=9), now - timedelta(days=1)),
        ("future", now + timedelta(days=1), None),
    ):
        p[username] = user(username, {"expired": "前任书记", "future": "候任书记"}[username])
        role = Role.objects.get(code="branch_secretary")
        write_grant(p[username], role, cast.branch, valid_from=start, valid_to=end, why="样组任〔2026〕2号", actor=p["security"])
    p["nobody"] = user("nobody", "无授权工作人员")


def _members(cast: Cast) -> None:
    actor = cast["department"]
    cast.members = {
        "chen": member(
            cast.branch,
            "陈望舒",
            actor=actor,
            sex="女",
            birth_date=date(1988, 3, 14),
            joined_on=date(2016, 6, 20),
            converted_on=date(2017, 6, 20),
        ),
        "feng": member(cast.branch, "冯景行", actor=actor, category="预备党员", joined_on=date(2026, 6, 25), converted_on=None),
        "zhao": member(cast.sibling, "赵一禾", actor=actor),
        "zhou": member(cast.other_branch, "周令仪", actor=actor, sex="女"),
    }
    for name in ("chen", "zhao"):
        login = user(f"m-{name}", cast.members[name].name, kind=AccountKind.MEMBER)
        Member.objects.filter(pk=cast.members[name].pk).update(user=login)
        cast.members[name].refresh_from_db()
        cast.people[name] = login


def path_below(organization: Organization) -> str:
    """A path inside the subtree that no organisation has."""
    return child_path(organization.path, 35)
