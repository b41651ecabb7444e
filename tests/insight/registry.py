"""A small registry written straight into the tables, with the signals the verbs of the roll send, and figures counted by hand."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction

from accounts.models import User
from core import paths
from insight.domain import rebuilding
from members import signals
from members.enums import MOVEMENT_SIGN, ON_ROLL
from members.models import Member, Movement
from orgs.domain import tree
from orgs.domain.founding import found
from orgs.domain.grants import write_grant
from orgs.domain.tree import NewOrganization, Paper, place
from orgs.enums import Kind
from orgs.models import Organization, Role
from tests.people import user

START = date(2020, 1, 1)


@dataclass
class Registry:
    city: Organization
    committees: list[Organization]
    branches: list[Organization]
    officer: User

    def move(self, node: Organization, parent: Organization) -> Organization:
        fresh = {o.pk: o for o in Organization.objects.filter(pk__in=[node.pk, parent.pk])}
        return tree.move(fresh[node.pk], fresh[parent.pk], Paper("样组〔2026〕9号", date(2026, 6, 1)), actor=self.officer)


def organization(parent: Organization, name: str, kind: str = Kind.BRANCH, on: date = START) -> Organization:
    return place(parent, NewOrganization(name, name, kind), Paper("样组〔2020〕1号", on), actor_name="测试")


@transaction.atomic
def registry(committees: int = 2, branches: int = 2) -> Registry:
    city = found(
        name="样例市委", short_name="样例市委", code="99", document_no="样〔2020〕1号", established_on=START, actor_name="测试"
    )
    tops = [organization(city, f"样例镇{i}党委", Kind.COMMITTEE) for i in range(committees)]
    leaves = [organization(top, f"{top.short_name}第{i}支部") for top in tops for i in range(branches)]
    return Registry(city, tops, leaves, officer("officer", "department_officer", city))


def officer(username: str, role: str, node: Organization) -> User:
    security = User.objects.filter(username="security").first() or user("security", "安全保密员", administrator="security")
    made = user(username, "测试员")
    write_grant(made, Role.objects.get(code=role), node, why="样组任〔2026〕1号", actor=security)
    return made


def member(branch: Organization, sex: str = "1", **fields: object) -> Member:
    """Enrolled as the verbs do it: the row, the signal, the movement, its signal."""
    came = fields.pop("came", date(2026, 3, 1))
    made = Member.objects.create(
        organization=branch, org_path=branch.path, sex=sex, id_unverified="测试",
        **{
            "name": "样例", "name_sort": "yangli", "nation": "01", "birth_date": date(1980, 5, 4), "education": "20", "job": "",
            "standing": "full", "joined_on": date(2005, 7, 1), "converted_on": date(2006, 7, 1),
            "counted_from": date(2006, 7, 1), **fields,
        },
    )  # fmt: skip
    with transaction.atomic():  # as every verb does: the rooms that hear it lock rows
        signals.members_changed.send(Member, ids=[made.pk], event="enrolled")
    moved(made, "registry_build", came)
    return made


def moved(one: Member, kind: str, on: date) -> None:
    made = Movement.objects.create(member=one, org_path=one.org_path, kind=kind, happened_on=on, actor_name="测试")
    signals.movements_recorded.send(Movement, ids=[made.pk])


@transaction.atomic
def change(one: Member, kind: str = "", on: date = date(2026, 10, 5), **fields: object) -> Member:
    one = Member.objects.select_for_update().get(pk=one.pk)
    signals.members_changing.send(Member, ids=[one.pk])
    for name, value in fields.items():
        setattr(one, name, value)
    one.save()
    signals.members_changed.send(Member, ids=[one.pk], event="changed")
    if kind:
        moved(one, kind, on)
    return one


def counted() -> dict[str, Counter[str]]:
    """The figures of every node that has any, counted member by member in plain Python."""
    found: dict[str, Counter[str]] = {}
    for one in Member.objects.filter(standing__in=ON_ROLL):
        for path in paths.ancestors(one.org_path):
            found.setdefault(path, Counter()).update(traits(one))
    for move in Movement.objects.all():
        for path in paths.ancestors(move.org_path):
            found.setdefault(path, Counter())[f"ev:{move.happened_on:%Y%m}:{move.kind}"] += 1
    for node in Organization.objects.all():
        for path in paths.ancestors(node.path):
            found.setdefault(path, Counter())[f"org:{node.kind}"] += 1
    return found


def traits(one: Member) -> list[str]:
    since = f"{one.counted_from:%Y%m}" if one.counted_from else ""
    facts = [
        "all:", f"sex:{one.sex}", f"born:{one.birth_date:%Y%m}:{one.sex}", f"edu:{one.education}", f"nation:{one.nation}",
        f"job:{one.job}", f"cat:{one.standing}", f"since:{since}", f"joined:{one.joined_on:%Y%m}",
    ]  # fmt: skip
    if one.standing == "probationary":
        facts.append(f"probation:{one.joined_on:%Y%m%d}")
    return facts + ["lost:"] * bool(one.lost_on) + ["floating:"] * one.is_floating + ["unverified:"] * bool(one.id_unverified)


LIVE = """
SELECT path, dim, key, sum(n)::int FROM (
  SELECT r.path, r.dim, u.key, u.n FROM insight_rollup r, unnest(r.keys, r.ns) u(key, n)
  UNION ALL
  SELECT o.path, split_part(f, ':', 1), substr(f, strpos(f, ':') + 1), d.n
  FROM orgs_organization o JOIN insight_delta d ON d.path >= o.path AND d.path < o.path || '~', unnest(d.facts) f
) x GROUP BY 1, 2, 3 HAVING sum(n) <> 0
"""


def kept() -> dict[str, Counter[str]]:
    """The figures of every node as roll-ups and deltas have them."""
    found: dict[str, Counter[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(LIVE)
        for path, dim, key, n in cursor.fetchall():
            found.setdefault(path, Counter())[f"{dim}:{key}"] = n
    return found


def assert_true_figures() -> None:
    assert kept() == counted()
    assert rebuilding.differences() == []


def balance(month: date) -> int:
    return sum(MOVEMENT_SIGN[m.kind] for m in Movement.objects.filter(happened_on__gt=month))
