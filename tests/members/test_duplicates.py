"""疑似重复: found inside one scope, compared, merged or told apart; nobody learns of somebody out of sight."""

import re

import pytest
from django.urls import reverse

from audit.models import AuditRecord
from core.access import scope
from core.errors import Conflict, DomainError
from members.domain.telling_apart import tell_apart
from members.duplicate_queries import Ground, count_waiting, pairs_in
from members.models import Member, NotTheSame
from tests.members.twins import WHY, fresh, merged, twin
from tests.people import Cast, member

LIST = reverse("members:duplicates")


def pair_of(one: Member, other: Member, name: str = "members:duplicate") -> str:
    return reverse(name, args=[one.uuid, other.uuid])


def found(cast: Cast, who: str) -> list[tuple[set[int], Ground]]:
    return [({p.one.pk, p.other.pk}, p.ground) for p in pairs_in(scope(cast[who], "edit_members")).pairs]


def test_a_pair_is_found_by_whoever_sees_both_sides(cast: Cast, as_person) -> None:
    chen, other = cast.members["chen"], twin(cast)
    assert found(cast, "committee") == [({chen.pk, other.pk}, Ground.COMMITTEE)]
    assert found(cast, "secretary") == found(cast, "neighbour") == found(cast, "stranger") == []
    assert "没有疑似重复的登记" in as_person("secretary").get(LIST).content.decode()
    assert as_person("secretary").get(pair_of(chen, other)).status_code == 404


def test_one_branch_is_nearer_than_one_committee_and_two_committees_are_too_far(cast: Cast) -> None:
    chen, near, far = cast.members["chen"], twin(cast, "branch"), twin(cast, "other_branch")
    assert found(cast, "secretary") == [({chen.pk, near.pk}, Ground.BRANCH)]
    assert all(far.pk not in pair for pair, _ in found(cast, "department"))


def test_one_number_is_found_at_any_distance(cast: Cast) -> None:
    zhou = cast.members["zhou"]
    held = member(cast.branch, "林知远", actor=cast["secretary"], sex="女", id_number=zhou.id_number)
    assert held.contested
    assert found(cast, "county") == [({zhou.pk, held.pk}, Ground.NUMBER)]
    assert found(cast, "committee") == found(cast, "stranger") == []


def test_other_birth_or_merged_is_no_pair(cast: Cast) -> None:
    chen, other = cast.members["chen"], twin(cast)
    member(cast.branch, "陈望舒", actor=cast["department"], sex="女")
    assert len(found(cast, "committee")) == 1
    merged(cast, chen, other)
    assert found(cast, "committee") == []


def test_pages_follow_each_other_without_gap(cast: Cast, django_assert_num_queries) -> None:
    for _ in range(3):
        twin(cast, "branch")
    narrowed = scope(cast["secretary"], "edit_members")
    seen, after = [], None
    while True:
        page = pairs_in(narrowed, after=after, size=2)
        seen += [(p.one.pk, p.other.pk) for p in page.pairs]
        if not page.more:
            break
        after = (page.pairs[-1].one.uuid, page.pairs[-1].other.uuid)
    assert len(seen) == len(set(seen)) == 6
    with django_assert_num_queries(3):
        pairs_in(narrowed)
    with django_assert_num_queries(1):
        assert count_waiting(None, narrowed, most=100) == (0, 6)


def test_the_page_masks_marks_and_proposes(cast: Cast, as_person) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch", native_place="样例县", phone=cast.members["chen"].phone)
    page = as_person("secretary").get(pair_of(chen, other)).content.decode()
    assert chen.id_number not in page
    assert chen.phone not in page
    assert "未登记" in page
    assert re.search(r'name="native_place" id="native_place-other" value="other" checked', page)
    assert re.search(r'name="id_number" id="id_number-one" value="one" checked', page)
    assert 'name="phone"' not in page


def answers(page: str, **more: str) -> dict[str, str]:
    """What the form would send as it is shown."""
    sent = {name: value for name, value in re.findall(r'type="radio" name="(\w+)"[^>]*value="(\w+)" checked', page)}
    return sent | {"versions": re.search(r'name="versions" value="([\d-]+)"', page)[1], "reason": WHY} | more


def test_a_secretary_merges_on_the_page(cast: Cast, as_person) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch", native_place="样例县")
    client = as_person("secretary")
    page = client.get(pair_of(chen, other)).content.decode()
    answer = client.post(pair_of(chen, other), answers(page))
    assert answer.url == reverse("members:file", args=[chen.uuid])
    assert fresh(chen).native_place == "样例县"
    assert "并入的登记" in client.get(answer.url).content.decode()
    assert client.post(pair_of(chen, other), answers(page)).status_code == 404


def test_the_other_side_may_stay(cast: Cast, as_person) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch")
    client = as_person("secretary")
    page = client.get(pair_of(chen, other)).content.decode()
    client.post(pair_of(chen, other), answers(page, keep="other"))
    assert fresh(other).id_number == chen.id_number
    assert not Member.objects.filter(pk=chen.pk).exists()


def test_a_refusal_keeps_what_was_chosen_and_typed(cast: Cast, as_person) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch", number=True, native_place="样例县")
    client = as_person("secretary")
    page = client.get(pair_of(chen, other)).content.decode()
    answer = client.post(pair_of(chen, other), answers(page, native_place="one"))
    shown = answer.content.decode()
    assert answer.status_code == 422
    assert "核对号码" in shown
    assert WHY in shown
    assert re.search(r'id="native_place-one" value="one" checked', shown)
    for broken in ({"versions": "x"}, {"versions": "1-2-3"}, {"keep": "both"}, {"reason": ""}):
        assert client.post(pair_of(chen, other), answers(page, **broken)).status_code == 422


def test_told_apart_once_is_not_asked_again(cast: Cast, as_person) -> None:
    chen, other = cast.members["chen"], twin(cast, "branch")
    client = as_person("secretary")
    assert client.post(pair_of(other, chen, "members:apart"), {"reason": ""}).status_code == 422
    assert client.post(pair_of(other, chen, "members:apart"), {"reason": "看了户口簿，是两个人"}).url == LIST
    assert found(cast, "secretary") == found(cast, "committee") == []
    assert "已认定不是同一人" in client.get(LIST).content.decode()
    assert "看了户口簿" in client.get(pair_of(chen, other)).content.decode()
    told = AuditRecord.objects.filter(verb="tell_members_apart")
    assert {row.subject for row in told} == {chen.uuid, other.uuid}
    merged(cast, chen, other)
    assert not NotTheSame.objects.exists()


def test_only_who_sees_both_tells_them_apart(cast: Cast) -> None:
    chen, other = fresh(cast.members["chen"]), fresh(twin(cast))
    for who in ("secretary", "neighbour", "stranger", "reader"):
        with pytest.raises(DomainError):
            tell_apart(chen, other, reason="看了户口簿", actor=cast[who])
    tell_apart(chen, other, reason="看了户口簿", actor=cast["committee"])
    tell_apart(other, chen, reason="又看了一遍", actor=cast["committee"])
    assert NotTheSame.objects.count() == 1
    merged(cast, chen, other)
    with pytest.raises(Conflict):
        tell_apart(chen, other, reason="看了户口簿", actor=cast["committee"])


def test_an_organisation_outside_the_scope_is_not_there(cast: Cast, as_person) -> None:
    assert as_person("secretary").get(f"{LIST}?org={cast.sibling.code}").status_code == 404
    assert as_person("secretary").get(f"{LIST}?org={cast.branch.code}").status_code == 200
