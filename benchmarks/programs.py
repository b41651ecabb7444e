"""What programs wait for: the list against a ModelSerializer that answers the same, and a late page against the first."""

import json
from collections.abc import Iterator
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory, force_authenticate

from accounts.models import User
from benchmarks.dataset import nodes, officer
from benchmarks.timing import Result, compare, in_turn
from core.access import forget, holds, scope
from core.dates import today
from core.identity import mask_id, mask_phone
from members.api import Members
from members.models import Member
from members.queries import Filter, page_of
from members.rules import party_age
from orgs.enums import Capability
from regulations.codes import table

ADDRESS = "/api/v1/members/"
VIEW = Capability.VIEW_MEMBERS
SIZE = 50
LATE = 1000


def word(name: str) -> serializers.SerializerMethodField:
    return serializers.SerializerMethodField(method_name=f"get_{name}")


class Usual(serializers.ModelSerializer):
    """The same answer as people usually write it."""

    sex, nation, education, job = word("sex"), word("nation"), word("education"), word("job")
    birth_month = serializers.DateField(source="birth_date", format="%Y-%m")
    id_number, phone = word("id_number"), word("phone")
    party_years = word("party_years")
    is_lost, is_unverified = word("is_lost"), word("is_unverified")
    branch = serializers.CharField(source="organization.code")

    class Meta:
        model = Member
        fields = (
            "uuid", "name", "sex", "nation", "education", "job", "birth_month", "id_number", "phone", "standing", "joined_on",
            "converted_on", "party_years", "is_floating", "is_lost", "is_unverified", "branch",
        )  # fmt: skip

    def get_sex(self, member: Member) -> str:
        return table("sex").label(member.sex)

    def get_nation(self, member: Member) -> str:
        return table("nation").label(member.nation)

    def get_education(self, member: Member) -> str:
        return table("education").label(member.education)

    def get_job(self, member: Member) -> str:
        return table("job").label(member.job)

    def get_id_number(self, member: Member) -> str:
        return mask_id(member.id_number)

    def get_phone(self, member: Member) -> str:
        return mask_phone(member.phone)

    def get_party_years(self, member: Member) -> int | None:
        return party_age(member.counted_from, today()) if member.counted_from else None

    def get_is_lost(self, member: Member) -> bool:
        return member.lost_on is not None

    def get_is_unverified(self, member: Member) -> bool:
        return bool(member.id_unverified)


class UsualMembers(Members):
    """The same scope and the same page, read as people usually read it."""

    @holds(VIEW)
    def get(self, request: Request) -> Response:
        size = int(request.query_params.get("size", SIZE))
        found = scope(request.user, VIEW).filter(Member.objects.filter(standing__in=("probationary", "full")), "org_path")
        rows = list(found.select_related("organization").order_by("name_sort", "id")[: size + 1])
        after = rows[size - 1].uuid if len(rows) > size else None
        return Response({"items": Usual(rows[:size], many=True).data, "next": after})


def answer(view: Any, user: User, address: str) -> bytes:
    forget(user)
    request = APIRequestFactory().get(address)
    force_authenticate(request, user)
    made = view(request).render()
    if made.status_code != 200:
        raise RuntimeError(f"{address}: {made.status_code} {made.content!r}")
    return made.content


def lists() -> Iterator[Result]:
    ours, usual = Members.as_view(throttle_classes=[]), UsualMembers.as_view(throttle_classes=[])
    for depth, name, size in ((4, "county", SIZE), (4, "county", 200), (6, "branch", SIZE)):
        user = officer(depth)
        address = f"{ADDRESS}?size={size}"
        if json.loads(answer(ours, user, address)) != json.loads(answer(usual, user, address)):
            raise RuntimeError("the two answers differ")
        usually, mine = in_turn(lambda u=user, a=address: answer(usual, u, a), lambda u=user, a=address: answer(ours, u, a))
        yield _ratio(f"API: list of {size}, {name}, vs ModelSerializer", mine, usually)


def _ratio(name: str, mine: list[float], usually: list[float]) -> Result:
    pairs = sorted(b / a for a, b in zip(mine, usually, strict=True))
    half = len(mine) // 2
    return Result(
        name, sorted(mine)[half] * 1000, sorted(usually)[half] * 1000, pairs[half], "≥ 1.5", "equal output; times faster"
    )


def late_pages() -> Iterator[Result]:
    view = Members.as_view(throttle_classes=[])
    for depth, name in ((1, "nation"), (4, "county")):
        user = officer(depth)
        narrowed, after = scope(user, VIEW), None
        for page in range(LATE - 1):  # noqa: B007 - where it ended is told
            found = page_of(narrowed, Filter(), after=after)
            if found.next_after is None:
                break
            after = found.next_after
        late = f"{ADDRESS}?after={after}"
        yield compare(
            f"API: page {page + 2} vs page 1, {name}", lambda u=user, a=late: answer(view, u, a),
            lambda u=user: answer(view, u, ADDRESS), "≤ 1.3",
        )  # fmt: skip


def programs() -> Iterator[Result]:
    if not nodes():
        return
    yield from lists()
    yield from late_pages()
