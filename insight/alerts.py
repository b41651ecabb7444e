"""需要过问: what the registry itself can tell. Shown to those who may list the people, for today only."""

import hashlib
from collections.abc import Callable
from datetime import date, timedelta

from django.core.cache import cache
from django.urls import reverse

from core.dates import add_months
from insight.asking import Answer
from insight.board import Alert
from insight.reading import branch_sizes
from regulations.packs import pack

SOON = 30  # days the page looks ahead; not a deadline of any rule
MANY_BRANCHES, KEPT_SECONDS = 1000, 300  # a matter of speed, not of rules
People = Callable[..., str]


def alerts(answer: Answer, people: People) -> tuple[Alert, ...]:
    found = (*_probation(answer, people), *_branches(answer), *_files(answer, people))
    return tuple(alert for alert in found if alert.number)


def _probation(answer: Answer, people: People) -> tuple[Alert, ...]:
    today, months = answer.moment.on, pack("membership", on=answer.moment.on).integer("probation.months")
    ends = [(add_months(_day(key), months), n) for key, n in answer.shot.counts(answer.here.key, "probation").items()]
    soon = sum(n for end, n in ends if today <= end <= today + timedelta(days=SOON))
    late = [(end, n) for end, n in ends if end < today]
    url = people(answer, category="probationary")
    longest = (today - min(late)[0]).days if late else 0
    return (
        Alert("预备期满未办理转正", sum(n for _, n in late), "人", f"最长已过 {longest} 天", url, bad=True),
        Alert(f"预备期 {SOON} 日内期满", soon, "人", "期满前提醒本人提出转正申请", url),
    )


def _day(key: str) -> date:
    return date(int(key[:4]), int(key[4:6]), int(key[6:]))


def _branches(answer: Answer) -> tuple[Alert, ...]:
    rules = pack("organisation", on=answer.moment.on, at=answer.node.path)
    few, many = rules.integer("branch.formal_members.min"), rules.integer("branch.members.max")
    under, over = _sizes(answer, few, many)
    url = reverse("insight:branches", args=[answer.node.uuid])
    return (
        Alert(f"正式党员不足 {few} 名", under, "个支部", "宜并入邻近支部或成立联合党支部", f"{url}?which=few"),
        Alert(f"党员超过 {many} 名", over, "个支部", "一般不超过这个人数，宜分设", f"{url}?which=many"),
    )


def _sizes(answer: Answer, few: int, many: int) -> tuple[int, int]:
    """Counted anew each time; where there are very many branches, every few minutes."""
    within = answer.viewer.listed.within(answer.node.path)
    if answer.shot.number(answer.here.key, "org", "branch") < MANY_BRANCHES:
        return branch_sizes(within, few, many)
    asked = hashlib.sha256(repr((within, few, many)).encode()).hexdigest()
    return cache.get_or_set(f"insight.sizes.{asked}", lambda: branch_sizes(within, few, many), KEPT_SECONDS)


def _files(answer: Answer, people: People) -> tuple[Alert, ...]:
    lost, unverified = (answer.shot.number(answer.here.key, dim) for dim in ("lost", "unverified"))
    return (
        Alert("失去联系", lost, "人", "由支部查找，满期限的按规定处置", people(answer, lost="1")),
        Alert("号码待核", unverified, "人", "身份证号未核实，核对后更正", people(answer, unverified="1")),
    )
