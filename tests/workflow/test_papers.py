"""Papers beside a case: who hands them in and takes them away, who reads them and until when."""

from pathlib import Path
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from audit.models import AuditRecord
from audit.queries import lookups_of
from core.errors import Conflict, DomainError, Missing, NotAllowed
from members.domain import attachments
from members.models import Attachment
from regulations.packs import pack
from tests.house.rows_life import PICTURE
from tests.members.test_records import START
from tests.people import Cast
from tests.workflow.procedures import correction, pair, transfer
from workflow.domain import cases, papers
from workflow.domain.cases import Paper
from workflow.domain.papers import OTHER, Sent
from workflow.enums import Act
from workflow.models import Case, CaseMaterial

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
YES = Paper("同意")


@pytest.fixture(autouse=True)
def data(settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def sent(title: str = "身份证正面", content: bytes = PDF, name: str = "证.pdf", ticket: UUID | None = None) -> Sent:
    return Sent(content, name, title, ticket or uuid4())


def handed(case: Case, cast: Cast, who: str, code: str = OTHER, **more: object) -> CaseMaterial:
    return papers.hand_in(case, code, sent(**more), actor=cast[who])


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


# --- handing in and taking away --------------------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["chen", "secretary", "organizer", "committee"])
def test_whose_turn_it_is_and_who_raised_it_hand_in(cast: Cast, who: str) -> None:
    case = correction(cast)
    made = handed(case, cast, who)
    assert (made.title, made.attached_by) == ("身份证正面", cast[who].full_name)
    entry = case.entries.get(act=Act.ATTACHED)
    assert (entry.opinion, entry.actor) == ("身份证正面", cast[who])
    assert Attachment.objects.get(uuid=made.object_uuid).member == cast.members["chen"]


@pytest.mark.parametrize(("who", "error"), [("neighbour", Missing), ("zhao", Missing), ("reader", Missing)])
def test_others_hand_nothing_in(cast: Cast, who: str, error: type[DomainError]) -> None:
    with pytest.raises(error):
        handed(correction(cast), cast, who)
    assert not Attachment.objects.exists()


def test_who_only_looks_on_hands_nothing_in(cast: Cast) -> None:
    case = cases.approve(correction(cast), YES, actor=cast["secretary"])
    with pytest.raises(NotAllowed, match="现在不轮到您"):
        handed(case, cast, "organizer")
    assert handed(case, cast, "chen")


def test_a_file_is_judged_by_its_content_and_the_same_one_sent_twice_is_one(cast: Cast, data: Path) -> None:
    case, ticket = correction(cast), uuid4()
    for wrong, name in ((b"<html></html>", "证.pdf"), (b"", "证.pdf"), (PDF, "证.png")):
        with pytest.raises(DomainError) as refused:
            handed(case, cast, "chen", content=wrong, name=name)
        assert refused.value.field == "file"
    assert not [p for p in data.rglob("*") if p.is_file()]
    for _ in range(2):
        handed(case, cast, "chen", ticket=ticket)
    assert (case.materials.count(), Attachment.objects.count(), case.entries.filter(act=Act.ATTACHED).count()) == (1, 1, 1)


def test_nobody_fills_the_store(cast: Cast) -> None:
    case, most = correction(cast), pack("workflow").integer("case.papers.max")
    CaseMaterial.objects.bulk_create(
        CaseMaterial(case=case, code=OTHER, title="旧", source="elsewhere", object_uuid=uuid4()) for _ in range(most)
    )
    with pytest.raises(DomainError, match=f"最多附 {most} 份"):
        handed(case, cast, "chen")


def test_what_a_step_asks_for_under_its_own_name(cast: Cast) -> None:
    case = transfer(cast)
    with pytest.raises(DomainError, match="还缺材料：介绍信"):
        cases.approve(case, YES, actor=cast["committee"])
    with pytest.raises(DomainError, match="哪一样"):
        handed(case, cast, "secretary", "unknown")
    with pytest.raises(DomainError, match="什么材料"):
        handed(case, cast, "secretary", OTHER, title=" ")
    assert handed(case, cast, "secretary", "letter", title="").title == "介绍信"
    assert cases.approve(case, YES, actor=cast["committee"]).step == "in"


def test_taken_away_by_who_attached_it_before_anybody_relied_on_it(cast: Cast, django_capture_on_commit_callbacks) -> None:
    case = correction(cast)
    mine, theirs = handed(case, cast, "chen"), handed(case, cast, "secretary", title="核对记录")
    for uuid, who in ((theirs.object_uuid, "chen"), (mine.object_uuid, "secretary")):
        with pytest.raises(Conflict, match="可以另附一份"):
            papers.take_away(case, uuid, actor=cast[who])
    with django_capture_on_commit_callbacks(execute=True):
        papers.take_away(case, mine.object_uuid, actor=cast["chen"])
    assert not attachments.path_of(mine.object_uuid).exists()
    assert [m.title for m in case.materials.all()] == ["核对记录"]
    assert case.entries.get(act=Act.DETACHED).opinion == "身份证正面"
    with pytest.raises(Missing):
        papers.take_away(case, mine.object_uuid, actor=cast["chen"])


def test_what_an_approval_rests_on_stays_and_what_was_returned_is_mended(cast: Cast) -> None:
    case = correction(cast)
    first = handed(case, cast, "chen")
    case = cases.approve(case, YES, actor=cast["secretary"])
    case = cases.return_for_correction(case, "看不清，请重拍", actor=cast["committee"])
    with pytest.raises(Conflict):
        papers.take_away(case, first.object_uuid, actor=cast["chen"])
    second = handed(case, cast, "chen", title="重拍的")
    with pytest.raises(NotAllowed):
        papers.take_away(case, second.object_uuid, actor=cast["committee"])
    papers.take_away(case, second.object_uuid, actor=cast["chen"])
    case = cases.withdraw(fresh(case), "不办了", actor=cast["chen"])
    with pytest.raises(Conflict, match="已经办结"):
        handed(case, cast, "chen")
    with pytest.raises(Conflict):
        papers.take_away(case, first.object_uuid, actor=cast["chen"])


def test_a_paper_about_no_person_belongs_to_the_case(cast: Cast) -> None:
    case = pair(cast)
    made = handed(case, cast, "secretary")
    assert Attachment.objects.get(uuid=made.object_uuid).member is None
    assert papers.open_paper(case, made.object_uuid, actor=cast["committee"]).content == PDF


# --- reading ---------------------------------------------------------------------------------------------------------


def outcome(client: Client, case: Case, made: CaseMaterial, room: str = "/admin/matters") -> int:
    return client.get(f"{room}/{case.uuid}/papers/{made.object_uuid}/").status_code


def test_read_by_who_has_a_part_and_lent_while_the_case_runs(cast: Cast, as_person) -> None:
    case = transfer(cast)
    made = handed(case, cast, "secretary", "letter")
    asked = ("secretary", "committee", "county", "organizer", "stranger", "neighbour", "reader", "nobody", "zhao")

    def reached() -> dict[str, int]:
        return {who: outcome(as_person(who), case, made) for who in asked}

    denied = {"neighbour": 404, "reader": 404, "nobody": 403, "zhao": 403}
    assert reached() == {"secretary": 200, "committee": 200, "county": 200, "organizer": 200, "stranger": 200, **denied}
    cases.withdraw(fresh(case), "不转了", actor=cast["secretary"])
    assert reached() == {"secretary": 200, "committee": 200, "county": 200, "organizer": 403, "stranger": 404, **denied}
    page = as_person("stranger").get(f"/admin/matters/{case.uuid}/")
    assert "介绍信" in page.content.decode()
    assert str(made.object_uuid) not in page.content.decode()


def test_the_members_own_paper(cast: Cast, as_person) -> None:
    case = correction(cast)
    made = handed(case, cast, "chen")
    assert outcome(as_person("chen"), case, made, "/me/matters") == 200
    assert outcome(as_person("zhao"), case, made, "/me/matters") == 404
    assert not lookups_of(cast.members["chen"].uuid, since=START)
    assert outcome(as_person("secretary"), case, made) == 200
    look = lookups_of(cast.members["chen"].uuid, since=START)[0]
    assert (look.name, look.fields, look.reason) == ("李砚秋", ("附件：身份证正面",), "办理事项")
    cases.refuse(fresh(case), Paper("不符"), actor=cast["secretary"])
    assert outcome(as_person("chen"), case, made, "/me/matters") == 200
    assert outcome(as_person("organizer"), case, made) == 403


def test_reached_through_the_case_alone(cast: Cast, as_person) -> None:
    """Not at the address of the person's file, and what an office attaches not by the member."""
    case = correction(cast)
    made = handed(case, cast, "secretary", title="核对记录")
    chen = cast.members["chen"].uuid
    file = f"/admin/members/{chen}/attachments/{made.object_uuid}/"
    assert [as_person("secretary").get(address).status_code for address in (file, f"{file}withdraw/")] == [404, 404]
    assert as_person("chen").get(f"/me/attachments/{made.object_uuid}/").status_code == 404
    elsewhere = correction(cast, member="feng", actor="department")
    assert as_person("secretary").get(f"/admin/matters/{elsewhere.uuid}/papers/{made.object_uuid}/").status_code == 404
    with pytest.raises(Missing):
        cases.attach(elsewhere, OTHER, "attachment", made.object_uuid, actor=cast["secretary"])


# --- the pages -------------------------------------------------------------------------------------------------------


def post(client: Client, case: Case, act: str, room: str = "/admin/matters", **fields: object):
    return client.post(f"{room}/{case.uuid}/", {"act": act, "turn": fresh(case).turn_no, **fields}, follow=True)


def upload(content: bytes = PICTURE, name: str = "照片.png") -> dict[str, object]:
    return {"paper-file": SimpleUploadedFile(name, content), "paper-ticket": str(uuid4())}


def test_a_missing_paper_is_said_plainly_and_nothing_is_lost(cast: Cast, as_person) -> None:
    case, committee = transfer(cast), as_person("committee")
    refused = post(committee, case, "approve", opinion="情况属实，同意转出")
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "还缺材料：介绍信。" in text
    assert "情况属实，同意转出" in text
    assert 'accept="image/*,application/pdf' in text
    untitled = post(committee, case, "attach", **upload(), **{"paper-code": OTHER})
    assert (untitled.status_code, "请写明这是什么材料" in untitled.content.decode()) == (422, True)
    wrong = post(committee, case, "attach", **upload(b"<html>"), **{"paper-code": "letter"})
    assert (wrong.status_code, "按文件内容判断" in wrong.content.decode()) == (422, True)
    done = post(committee, case, "attach", **upload(), **{"paper-code": "letter"})
    assert "材料已附上" in done.content.decode()
    gone = post(committee, case, "detach", paper=str(case.materials.get().object_uuid))
    assert "材料已撤下" in gone.content.decode()
    post(committee, case, "attach", **upload(), **{"paper-code": "letter"})
    assert "已记下您的同意" in post(committee, case, "approve", opinion="同意").content.decode()
    assert post(committee, case, "detach", paper="nonsense").status_code == 404


def test_the_member_adds_a_paper_to_what_was_returned(cast: Cast, as_person) -> None:
    case = cases.return_for_correction(correction(cast), "请附凭证", actor=cast["secretary"])
    client = as_person("chen")
    done = post(client, case, "attach", "/me/matters", **upload(), **{"paper-code": OTHER, "paper-title": "话费单"})
    assert "材料已附上" in done.content.decode()
    made = case.materials.get()
    assert f"/me/matters/{case.uuid}/papers/{made.object_uuid}/" in done.content.decode()
    assert "材料已撤下" in post(client, case, "detach", "/me/matters", paper=str(made.object_uuid)).content.decode()


def test_evidence_goes_with_the_members_own_correction(cast: Cast, as_person) -> None:
    client, chen = as_person("chen"), cast.members["chen"]
    given = {"native_place": "样例省样例市", "reason": "身份证上是这样"}
    bad = client.post("/me/file/correct/", {**given, "file": SimpleUploadedFile("证.png", b"<html>")})
    assert (bad.status_code, "按文件内容判断" in bad.content.decode()) == (422, True)
    assert not Case.objects.exists()
    typo = client.post("/me/file/correct/", {"phone": "12", "reason": "换号", "file": SimpleUploadedFile("证.png", PICTURE)})
    assert "请把文件再选一次" in typo.content.decode()
    files = [SimpleUploadedFile("正.png", PICTURE), SimpleUploadedFile("反.pdf", PDF)]
    assert client.post("/me/file/correct/", {**given, "file": files}).status_code == 302
    case = Case.objects.get()
    assert [m.title for m in case.materials.order_by("pk")] == ["更正凭据", "更正凭据（2）"]
    page = as_person("secretary").get(f"/admin/matters/{case.uuid}/").content.decode()
    for material in case.materials.all():
        assert f"/admin/matters/{case.uuid}/papers/{material.object_uuid}/" in page
        assert outcome(as_person("secretary"), case, material) == 200
    case = cases.return_for_correction(fresh(case), "反面看不清", actor=cast["secretary"])
    assert "更正凭据（2）" in client.get("/me/file/correct/").content.decode()
    again = client.post("/me/file/correct/", {**given, "file": SimpleUploadedFile("反.png", PICTURE)})
    assert again.status_code == 302
    assert case.materials.count() == 3
    assert AuditRecord.objects.filter(verb="attach_file", subject=chen.uuid).count() == 3


def test_evidence_goes_with_the_branchs_correction(cast: Cast, as_person) -> None:
    chen = cast.members["chen"]
    sent = {"converted_on": "2017-6-25", "reason": "志愿书第二页", "file": SimpleUploadedFile("页.png", PICTURE)}
    assert as_person("secretary").post(f"/admin/members/{chen.uuid}/correct/", sent).status_code == 302
    case = Case.objects.get()
    material = case.materials.get()
    assert outcome(as_person("committee"), case, material) == 200
    assert outcome(as_person("neighbour"), case, material) == 404
