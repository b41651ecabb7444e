"""The auditor's page: for the auditor only, in words, without the confidential part."""

import re
from uuid import uuid4

import pytest

from audit import labels
from audit.domain import record, record_reading
from audit.queries import recent
from audit.wording import Wording
from members.domain.reveal import reveal
from tests.people import Cast

PAGE = "/admin/audit/"


def text(answer) -> str:
    return answer.content.decode()


def test_only_the_auditor_enters(cast: Cast, as_person) -> None:
    everybody = ("anonymous", "system", "security", "audit", "department", "secretary", "reader", "nobody", "chen")
    answers = {who: as_person(who).get(PAGE).status_code for who in everybody}
    assert answers == dict.fromkeys(everybody, 403) | {"audit": 200, "anonymous": 302}


def test_nothing_can_be_posted(cast: Cast, as_person) -> None:
    assert as_person("audit").post(PAGE).status_code == 405


def test_lines_are_words_and_text(cast: Cast, as_person) -> None:
    reveal(cast.members["chen"], "id_number", actor=cast["secretary"], reason="contact", note="<script>alert(1)</script>")
    page = text(as_person("audit").get(PAGE))
    for part in ("查看号码、住址", "李砚秋", "工作人员", "党员档案", "公民身份号码", "&lt;script&gt;alert"):
        assert part in page
    assert "<script>alert" not in page
    assert cast.members["chen"].id_number not in page


def test_the_confidential_part_is_not_listed(cast: Cast, as_person) -> None:
    record_reading(cast.members["chen"].uuid, ["家庭住址"], "保密查阅的理由", actor=cast["department"], confidential=True)
    assert "保密查阅的理由" not in text(as_person("audit").get(PAGE, {"subject": cast.members["chen"].uuid}))


def test_narrowing_by_verb_actor_subject_and_day(cast: Cast, as_person) -> None:
    client, chen = as_person("audit"), cast.members["chen"]
    reveal(chen, "phone", actor=cast["secretary"], reason="contact", note="通知甲")
    record("edit_role", actor=cast["security"], kind="role", reason="调整乙")
    shown = lambda **q: {w for w in ("通知甲", "调整乙") if w in text(client.get(PAGE, q))}  # noqa: E731
    assert shown() == {"通知甲", "调整乙"}
    assert shown(verb="edit_role") == {"调整乙"}
    assert shown(actor=cast["secretary"].uuid) == {"通知甲"}
    assert shown(subject=chen.uuid) == {"通知甲"}
    assert shown(until="2020-01-01") == set()
    assert shown(since="2020-01-01") == {"通知甲", "调整乙"}


@pytest.mark.parametrize("name", ["verb", "actor", "subject", "since", "until", "after"])
@pytest.mark.parametrize("nonsense", ["x", "\x00", "<script>alert(1)</script>", "9999-99-99", "';--"])
def test_nonsense_is_not_an_error(cast: Cast, as_person, name: str, nonsense: str) -> None:
    answer = as_person("audit").get(PAGE, {name: nonsense})
    assert answer.status_code == (422 if "\0" in nonsense else 200)  # NUL is refused at the door of every view
    assert "<script>alert" not in text(answer)


def test_pages_follow_by_cursor(cast: Cast, as_person, monkeypatch) -> None:
    monkeypatch.setitem(recent.__kwdefaults__, "size", 5)
    for number in range(12):
        record("edit_role", actor=cast["security"], kind="role", reason=f"第{number:02d}件")
    client, seen, page = as_person("audit"), [], PAGE + "?verb=edit_role"
    while page:
        shown = text(client.get(page))
        seen += re.findall(r"第\d\d件", shown)
        link = re.search(r'rel="next" href="([^"]+)"', shown)
        page = PAGE + link[1].replace("&amp;", "&") if link else ""
    assert seen == [f"第{number:02d}件" for number in reversed(range(12))]
    assert "没有这样的记录" in text(client.get(PAGE, {"after": str(uuid4())}))


def test_every_verb_written_has_its_word() -> None:
    """Verbs are plain strings in the calls of `record`; each needs a word for the auditor."""
    from pathlib import Path

    root = Path(__file__).resolve().parents[2]
    rooms = (
        "core",
        "audit",
        "accounts",
        "orgs",
        "workflow",
        "members",
        "cadres",
        "ballots",
        "dues",
        "exchange",
        "insight",
        "portal",
    )
    call = re.compile(r"\brecord(?:_many)?\(\s*\"([a-z_]+)\"")
    written = {verb for room in rooms for p in (root / room).rglob("*.py") for verb in call.findall(p.read_text())}
    assert written
    assert sorted(written - labels.VERBS.keys()) == []


def test_codes_are_said_in_words(cast: Cast) -> None:
    wording = Wording()
    said = wording.details({
        "role": "branch_secretary", "purpose": "reset", "capabilities": ["view_members"], "in_figures": True,
        "until": "2026-11-22T00:00:00+00:00", "from": "0001000A", "before": {"is_joint": False}, "fields": ["phone"],
    })  # fmt: skip
    assert said == [
        ("角色", "党支部书记"), ("用途", "重设口令"), ("权限", "查看党员"), ("上级统计包含", "是"), ("到期", "2026年11月22日"),
        ("原来", "联合党支部 否"), ("项目", "手机号"),
    ]  # fmt: skip
