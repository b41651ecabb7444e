"""The pages: one inbox, one case page in two shells, deciding together, the calendar."""

from datetime import date

from django.urls import reverse

from tests.people import Cast
from tests.workflow.procedures import correction, pair, transfer
from workflow.domain import cases
from workflow.domain.cases import Paper
from workflow.enums import CaseState
from workflow.models import CalendarDay, Case


def act(client, case: Case, act: str, name: str = "workflow:case", **data: object):
    return client.post(
        reverse(name, args=[case.uuid]), {"act": act, "turn": Case.objects.get(pk=case.pk).turn_no, **data}, follow=True
    )


def text_of(answer) -> str:
    return answer.content.decode()


def test_from_inbox_to_the_end(as_person, cast: Cast) -> None:
    case = correction(cast)
    secretary, committee, chen = as_person("secretary"), as_person("committee"), as_person("chen")
    page = text_of(secretary.get(reverse("workflow:inbox")))
    assert case.title in page
    assert '待办 <span class="dw-count">1</span>' in page
    shown = text_of(secretary.get(reverse("workflow:case", args=[case.uuid])))
    for words in ("您来办：支部核对", "1390000****", "13900001111", "平台约定", "看流程图", "（现在在这里）", "党委确认"):
        assert words in shown
    assert "已记下您的同意" in text_of(act(secretary, case, "approve", opinion="属实"))
    assert "您来办" not in text_of(secretary.get(reverse("workflow:case", args=[case.uuid])))
    refused = act(committee, case, "return")
    assert refused.status_code == 422
    assert "请写明要更正什么" in text_of(refused)
    act(committee, case, "return", opinion="请附说明", clause="《测试规则》第三条")
    mine = text_of(chen.get(reverse("matters:mine")))
    assert "请更正。请附说明" in mine
    own = text_of(chen.get(reverse("matters:case", args=[case.uuid])))
    assert "《测试规则》第三条" in own
    assert "重新提交" in own
    act(chen, case, "resubmit", "matters:case", **{"word-opinion": "已补充"})
    act(committee, case, "approve", opinion="同意")
    case.refresh_from_db()
    assert case.state == CaseState.APPROVED
    assert case.title in text_of(committee.get(reverse("workflow:inbox"), {"tab": "done"}))
    assert case.title not in text_of(committee.get(reverse("workflow:inbox")))


def test_who_comes_second_is_told_and_keeps_what_was_typed(as_person, cast: Cast) -> None:
    case = correction(cast)
    client = as_person("department")
    seen = case.turn_no
    cases.approve(case, actor=cast["county"])
    answer = client.post(reverse("workflow:case", args=[case.uuid]), {"act": "approve", "turn": seen, "opinion": "写了很久的话"})
    assert answer.status_code == 422
    assert "刚刚由区委组织部办理过" in text_of(answer)
    assert "写了很久的话" in text_of(answer)


def test_the_buttons_are_for_whose_turn_it_is(as_person, cast: Cast) -> None:
    case = correction(cast, actor="secretary")
    page = text_of(as_person("secretary").get(reverse("workflow:case", args=[case.uuid])))
    assert "自己提出的事项要由别人办理" in page
    assert 'value="approve"' not in page
    assert 'value="withdraw"' in page
    answer = act(as_person("secretary"), case, "approve")
    assert answer.status_code == 422


def test_own_level_and_below(as_person, cast: Cast) -> None:
    case = correction(cast)
    client = as_person("county")
    assert case.title not in text_of(client.get(reverse("workflow:inbox")))
    assert case.title in text_of(client.get(reverse("workflow:inbox"), {"level": "below"}))


def test_the_list_goes_on_where_it_stopped(as_person, cast: Cast, monkeypatch) -> None:
    monkeypatch.setattr("workflow.views.SHOWN", 1)
    first, second = correction(cast), correction(cast, member="feng", actor="department")
    client = as_person("secretary")
    page = client.get(reverse("workflow:inbox"))
    assert [c.title for c in page.context["rows"]] == [first.title]
    following = client.get(reverse("workflow:inbox"), {"after": page.context["next_after"]})
    assert [c.title for c in following.context["rows"]] == [second.title]
    for nonsense in ("x", "2026-13-40.1", "9" * 30, ".", "-1"):
        assert client.get(reverse("workflow:inbox"), {"after": nonsense}).status_code == 200
    started = as_person("department")
    assert [c.title for c in started.get(reverse("workflow:inbox"), {"tab": "started"}).context["rows"]] == [second.title]


def test_deciding_together(as_person, cast: Cast) -> None:
    both = [cases.approve(correction(cast, member=m, actor="department"), actor=cast["secretary"]) for m in ("chen", "feng")]
    other = pair(cast)
    client = as_person("committee")
    assert "一并办理" in text_of(client.get(reverse("workflow:inbox")))
    chosen = [f"{c.uuid}.{c.turn_no}" for c in both]
    asked = client.post(reverse("workflow:together"), {"case": chosen})
    assert asked.status_code == 200
    assert "一并办理 2 件" in text_of(asked)
    wrong = client.post(
        reverse("workflow:together"),
        {"case": [*chosen, f"{other.uuid}.1"], "verdict": "approve", "document_no": "样组〔2026〕7号"},
    )
    assert wrong.status_code == 422
    assert "只有同一类" in text_of(wrong)
    assert client.post(reverse("workflow:together"), {"case": ["x", "y.z"]}).status_code == 422
    done = client.post(
        reverse("workflow:together"), {"case": chosen, "verdict": "approve", "document_no": "样组〔2026〕7号"}, follow=True
    )
    assert "2 件已按样组〔2026〕7号一并办理" in text_of(done)
    assert set(Case.objects.filter(pk__in=[c.pk for c in both]).values_list("state", flat=True)) == {CaseState.APPROVED}


def test_passing_on_and_taking_back(as_person, cast: Cast) -> None:
    case = correction(cast)
    client = as_person("secretary")
    answer = act(
        client, case, "delegate", **{"to-delegate": cast["neighbour"].uuid, "to-until": "2099-01-01", "to-reason": "出差"}
    )
    assert answer.status_code == 422, "only whoever holds the turn is offered"
    from core.dates import today

    fields = {"to-delegate": cast["organizer"].uuid, "to-until": today(), "to-reason": "出差"}
    assert "转请许南乔办理" in text_of(act(client, case, "delegate", **fields))
    assert "收回转办" in text_of(client.get(reverse("workflow:case", args=[case.uuid])))
    act(client, case, "take_back")
    assert Case.objects.get(pk=case.pk).delegate is None


def test_the_workbench_shows_what_waits(as_person, cast: Cast) -> None:
    case = correction(cast)
    assert case.title in text_of(as_person("secretary").get(reverse("workbench")))
    assert case.title not in text_of(as_person("neighbour").get(reverse("workbench")))


def test_the_calendar_is_kept_with_document_numbers(as_person, cast: Cast) -> None:
    client = as_person("system")
    fields = {"day": "2028-02-05", "kind": "work", "document_no": "国办发明电〔2027〕1号", "note": "春节调休"}
    assert client.post(reverse("workflow:calendar"), {**fields, "document_no": ""}).status_code == 422
    page = client.post(reverse("workflow:calendar"), fields, follow=True)
    assert "国办发明电〔2027〕1号" in text_of(page)
    assert CalendarDay.objects.get().recorded_by == "系统管理员"
    client.post(reverse("workflow:clear_day", args=[date(2028, 2, 5)]), {"reason": "登记错了"})
    assert not CalendarDay.objects.exists()


def test_an_unknown_year_is_said(as_person, cast: Cast, monkeypatch) -> None:
    client = as_person("system")
    monkeypatch.setattr("workflow.calendar_views.today", lambda: date(2040, 3, 1))
    assert "2040 年的放假安排还没有" in text_of(client.get(reverse("workflow:calendar")))


def test_opinions_keep_no_number(as_person, cast: Cast) -> None:
    case = correction(cast)
    cases.approve(case, Paper("电话13912345678已核"), actor=cast["secretary"])
    assert case.entries.last().opinion == "电话139****5678已核"


def test_a_drawing_marks_the_step_and_escapes_what_is_declared() -> None:
    from dataclasses import replace

    from tests.workflow.procedures import CORRECTION
    from workflow.drawing import draw

    assert draw(CORRECTION, "committee").count("现在在这里") == 1
    assert "现在在这里" not in draw(CORRECTION)
    wild = draw(replace(CORRECTION, title="<script>&", steps=(replace(CORRECTION.steps[0], label='"><b>'),)))
    assert "<script>" not in wild
    assert "<b>" not in wild
    assert "style=" not in wild


def test_what_is_lacking_is_said(as_person, cast: Cast) -> None:
    case = transfer(cast)
    assert "还缺材料：介绍信" in text_of(as_person("committee").get(reverse("workflow:case", args=[case.uuid])))
