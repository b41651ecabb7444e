"""The inbox of a program: the same cases as its owner's, narrowed; decided by the same verbs on the turn that was seen."""

from django.urls import reverse

from tests.people import member
from tests.workflow.procedures import correction
from workflow.enums import CaseState

LIST = reverse("api:cases")


def act(client, name: str, case, **data: object):
    return client.post(reverse(f"api:{name}", args=[case.uuid]), {"turn": case.turn_no, **data}, content_type="application/json")


def titles(answer) -> list[str]:
    assert answer.status_code == 200, answer.content
    return [row["title"] for row in answer.json()["items"]]


def test_the_inbox_is_the_owners_narrowed_to_the_token(cast, bearer):
    case = correction(cast)
    assert titles(bearer("secretary").get(LIST)) == [case.title]
    assert titles(bearer("secretary", "view_members").get(LIST)) == []  # the turn asks for edit_members
    assert titles(bearer("committee", node=cast.sibling).get(f"{LIST}?level=all")) == []
    assert titles(bearer("committee").get(f"{LIST}?level=below")) == [case.title]
    assert bearer("committee").get(f"{LIST}?list=unknown").status_code == 422


def test_a_case_says_what_it_is_about_and_goes_its_way(cast, bearer):
    case, client = correction(cast), bearer("secretary")
    found = client.get(reverse("api:case", args=[case.uuid])).json()
    assert found["facts"][0]["label"] == "手机"
    assert [line["state"] for line in found["way"]] == ["done", "now", "todo"]
    taken = act(client, "case_approve", case, opinion="属实")
    assert taken.json() == {"uuid": str(case.uuid), "state": "waiting", "turn": 2}
    late = act(client, "case_approve", case)
    assert (late.status_code, late.json()["code"]) == (409, "case_moved_on")
    case.refresh_from_db()
    assert act(bearer("committee"), "case_approve", case).json()["state"] == CaseState.APPROVED
    done = titles(client.get(f"{LIST}?list=done"))
    assert done == [case.title]


def test_returning_and_refusing_need_their_words(cast, bearer):
    case, client = correction(cast), bearer("secretary")
    for name in ("case_return", "case_refuse"):
        assert act(client, name, case).status_code == 422
    assert act(client, "case_return", case, opinion="请补充").json()["state"] == CaseState.RETURNED


def test_seeing_is_not_deciding(cast, bearer):
    case = correction(cast)
    answer = act(bearer("committee", "view_members"), "case_approve", case)
    assert answer.status_code == 403
    assert act(bearer("neighbour"), "case_approve", case).status_code == 404
    case.refresh_from_db()
    assert case.turn_no == 1


def test_the_list_costs_the_same_however_long(cast, bearer, django_assert_num_queries):
    client = bearer("secretary")
    correction(cast)
    client.get(LIST)  # notes that the token was used
    with django_assert_num_queries(3):
        assert len(titles(client.get(LIST))) == 1
    for name, words in (("wen", "温言"), ("yan", "颜温")):
        cast.members[name] = member(cast.branch, words, actor=cast["committee"])
        correction(cast, actor="organizer", member=name)
    with django_assert_num_queries(3):
        assert len(titles(client.get(LIST))) == 3
