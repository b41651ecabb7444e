"""A few records of a life for people of the sample branch, by the verbs, so that every kind has something to be seen."""

from datetime import date, timedelta
from decimal import Decimal

from accounts.models import User
from core.dates import add_months, today
from members.domain.checks import confirm_checked
from members.domain.records import add_record
from members.enums import Standing
from members.models import Member
from members.record_kinds import BY_KEY, Values
from orgs.models import Organization
from portal.demo.plan import SAMPLE_BRANCHES, SAMPLE_COMMITTEE

PEOPLE = 6
REASON = "按本人档案登记"


def write_lives(actor: User) -> None:
    """`actor` is the secretary of the sample branch."""
    branch = Organization.objects.get(name=SAMPLE_BRANCHES[0], parent__name=SAMPLE_COMMITTEE)
    people = list(Member.objects.filter(organization=branch, standing=Standing.FULL, user=None).order_by("id")[:PEOPLE])
    for member, kinds in zip(people, _lives(branch.short_name, today()), strict=False):
        for key, values in kinds:
            add_record(member, BY_KEY[key], values, actor=actor, reason=REASON)
    for member in people[:2]:
        confirm_checked(member, ["name", "sex", "nation"], actor=actor, document="居民身份证")


def _lives(branch: str, now: date) -> list[list[tuple[str, Values]]]:
    return [
        [
            ("duties", {"kind": "party", "title": "组织委员", "unit": branch, "from_on": add_months(now, -40)}),
            ("education", {"mode": "full_time", "level": "31", "school": "样例职业学院", "major": "农业技术"}),
            ("awards", _award("优秀共产党员", "county", add_months(now, -17))),
        ],
        [
            ("awards", _award("优秀党务工作者", "city", add_months(now, -29))),
            ("family", {"relation": "spouse", "name": "样例配偶", "politics": "13", "work": "务农"}),
        ],
        [
            ("hardships", {"kind": "illness", "since_on": add_months(now, -8), "situation": "慢性病，长期服药"}),
            ("helps", {"kind": "money", "helped_on": add_months(now, -3), "helper": branch, "amount": Decimal(500)}),
        ],
        [("abroad", {"purpose": "family", "place": "某国", "left_on": now - timedelta(days=200)})],
        [
            (
                "sanctions",
                {
                    "kind": "warning",
                    "decided_on": add_months(now, -4),
                    "document_no": "样纪〔2026〕2号",
                    "decided_by": "样例纪委",
                },
            )
        ],
        [("rectifications", _rectification(branch, add_months(now, -5), add_months(now, 1) - timedelta(days=10)))],
    ]


def _rectification(branch: str, on: date, due_on: date) -> Values:
    return {
        "decided_on": on, "due_on": due_on, "ground": "工作消极，不起先锋模范作用",
        "demands": "按时参加组织生活，党小组长每月谈心一次",
        "document_no": "样组〔2026〕6号", "decided_by": branch,
    }  # fmt: skip


def _award(title: str, level: str, on: date) -> Values:
    return {"title": title, "level": level, "awarded_on": on, "awarded_by": "样例党委"}


def _warning(on: date) -> Values:
    return {"kind": "warning", "decided_on": on, "document_no": "样纪〔2026〕2号", "decided_by": "样例纪委"}
