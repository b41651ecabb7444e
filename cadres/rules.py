"""What posts there are, which exclude each other, how large a team should be. No database; each rule with its clause."""

import json
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from core.dates import add_months
from orgs.enums import Kind
from regulations.packs import Clause, Pack, clause_of

DATA = Path(__file__).parent / "data"
SECRETARY, DEPUTY = "secretary", "deputy_secretary"
SOURCE = "班子和任职"


@dataclass(frozen=True)
class Post:
    """A post (职务). `team`: a seat of the leading team (班子), filled by the superior; `single`: one holder at a time."""

    code: str
    name: str
    kinds: tuple[str, ...]
    team: bool = False
    single: bool = False


@dataclass(frozen=True)
class Exclusion:
    """Two posts that one person may not hold in the same organisation."""

    posts: frozenset[str]
    why: str
    clause: Clause


@dataclass(frozen=True)
class Remark:
    """Something about a team that wants looking after; never a refusal."""

    text: str
    clause: Clause


def _read(name: str) -> list[dict]:
    return json.loads((DATA / name).read_text("utf-8"))


@cache
def posts() -> dict[str, Post]:
    """All posts by code, in the order of rank."""
    return {p["code"]: Post(**{**p, "kinds": tuple(p["kinds"])}) for p in _read("posts.json")}


@cache
def exclusions() -> tuple[Exclusion, ...]:
    rows = _read("incompatible.json")
    return tuple(Exclusion(frozenset(r["posts"]), r["why"], clause_of(r["clause"], r["confidence"], SOURCE)) for r in rows)


@cache
def usual_mapping() -> tuple[tuple[str, str, str], ...]:
    """The proposal an installation starts from: post, kind of organisation, role."""
    return tuple((r["post"], r["kind"], r["role"]) for r in _read("mapping.json"))


def post_name(code: str) -> str:
    return posts()[code].name if code in posts() else code


def rank(code: str) -> int:
    return list(posts()).index(code) if code in posts() else len(posts())


def posts_of(kind: str) -> list[Post]:
    return [p for p in posts().values() if kind in p.kinds]


def excluded_by(post: str, held: Collection[str]) -> Exclusion | None:
    """The rule that forbids adding `post` to the posts a person holds in the same organisation."""
    return next((e for e in exclusions() if post in e.posts and e.posts - {post} & set(held)), None)


def period_of(on: date, months: int) -> tuple[date, date]:
    """First and last day of the period of review that `on` lies in, periods counted from January."""
    first = date(on.year, (on.month - 1) // months * months + 1, 1)
    return first, add_months(first, months) - timedelta(days=1)


def team_remarks(kind: str, held: Iterable[str], formal_members: int, setting: Pack, cadres: Pack) -> list[Remark]:
    """What a branch's team lacks or has too much of (支部工作条例：支部委员会的设置). Other kinds have no figure in the pack."""
    seats = Counter(code for code in held if posts()[code].team)
    found: list[Remark] = []
    if Kind(kind) != Kind.GROUP and not seats[SECRETARY]:
        found.append(Remark("书记空缺，请尽快补齐或明确代理人。", cadres.clause("secretary.seats")))
    if kind != Kind.BRANCH:
        return found
    needs_committee = formal_members >= setting.integer("branch_committee.formal_members.min")
    return found + (_committee_remarks(seats, setting, cadres) if needs_committee else _small_remarks(seats, cadres))


def _committee_remarks(seats: Counter[str], setting: Pack, cadres: Pack) -> list[Remark]:
    least, most = setting.integer("branch_committee.seats.min"), setting.integer("branch_committee.seats.max")
    count, found = seats.total(), []
    if count < least:
        usual = setting.integer("branch_committee.seats.usual")
        text = f"正式党员达到设支部委员会的人数，委员应有 {least} 至 {usual} 人，现有 {count} 人。"
        found.append(Remark(text, setting.clause("branch_committee.seats.min")))
    if count > most:
        found.append(Remark(f"委员一般不超过 {most} 人，现有 {count} 人。", setting.clause("branch_committee.seats.max")))
    return found + _too_many_deputies(seats, cadres, "branch_committee.deputies.max")


def _small_remarks(seats: Counter[str], cadres: Pack) -> list[Remark]:
    return _too_many_deputies(seats, cadres, "small_branch.deputies.max")


def _too_many_deputies(seats: Counter[str], cadres: Pack, key: str) -> list[Remark]:
    most = cadres.integer(key)
    if seats[DEPUTY] <= most:
        return []
    return [Remark(f"副书记一般不超过 {most} 名，现有 {seats[DEPUTY]} 名。", cadres.clause(key))]
