"""The pages of an import, as people walk through them: double clicks, reloads, wrong files and other people's imports."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from exchange.enums import BatchState
from exchange.models import ImportBatch
from members.models import Member
from orgs.queries import written_as
from tests.exchange import files
from tests.exchange.rosters import Roster, fresh, roster_file
from tests.people import PASSWORD, Cast, id_number, person


def send(client: Client, cast: Cast, content: bytes, name: str = "名册.xlsx", **extra: object):
    data = {"organization": written_as(cast.committee), "file": SimpleUploadedFile(name, content), **extra}
    return client.post(reverse("exchange:new"), data)


def page(client: Client, batch: ImportBatch, name: str = "batch", **kwargs: object) -> str:
    answer = client.get(reverse(f"exchange:{name}", kwargs={"uuid": batch.uuid, **kwargs}))
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def post(client: Client, batch: ImportBatch, name: str, data: dict | None = None, **kwargs: object):
    return client.post(reverse(f"exchange:{name}", kwargs={"uuid": batch.uuid, **kwargs}), data or {})


@pytest.fixture
def committee(as_person) -> Client:
    return as_person("committee")


def sent(client: Client, cast: Cast, roster: Roster, callbacks) -> ImportBatch:
    with callbacks(execute=True):
        answer = send(client, cast, roster.content)
    assert answer.status_code == 302, answer.content.decode()
    return ImportBatch.objects.get(uuid=answer.url.rstrip("/").split("/")[-1])


def test_from_the_file_to_the_registry_and_back(cast: Cast, committee: Client, django_capture_on_commit_callbacks) -> None:
    roster = Roster(cast).add("丁一川").again(cast.members["feng"], phone="18800001234")
    batch = sent(committee, cast, roster, django_capture_on_commit_callbacks)
    assert batch.state == BatchState.REVIEW
    text = page(committee, batch)
    assert "检查完成：2 行" in text
    assert "确认写入 2 行" in text
    assert "有 1 名在册党员不在这份名册中" in text
    assert "陈望舒" in page(committee, batch, "missing")
    changed = page(committee, batch, "changes")
    assert "188****1234" in changed
    assert "18800001234" not in changed
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "commit")
    assert "已写入：新增 1 人，更新 1 人" in page(committee, batch)
    with django_capture_on_commit_callbacks(execute=True):
        assert post(committee, batch, "undo", {"reason": ""}).status_code == 422
        post(committee, batch, "undo", {"reason": "传错了"})
    assert "已整批撤销" in page(committee, batch)
    assert not Member.objects.filter(name="丁一川").exists()


def test_double_submit_back_and_reload_are_harmless(cast: Cast, committee: Client, django_capture_on_commit_callbacks) -> None:
    batch = sent(committee, cast, Roster(cast).add("丁一川"), django_capture_on_commit_callbacks)
    other_tab = page(committee, batch)
    assert "确认写入" in other_tab
    with django_capture_on_commit_callbacks(execute=True):
        first, second = post(committee, batch, "commit"), post(committee, batch, "commit")
    assert (first.status_code, second.status_code) == (302, 302)
    assert post(committee, batch, "commit").status_code == 302
    assert post(committee, batch, "cancel").status_code == 409
    assert post(committee, batch, "columns", {}).status_code == 302
    assert post(committee, batch, "accept", {"reason": "属实", "proof": "证明"}, row_no=2).status_code == 422
    assert Member.objects.filter(name="丁一川").count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "undo", {"reason": "传错了"})
        post(committee, batch, "undo", {"reason": "又点一次"})
    assert fresh(batch).undo_reason == "传错了"
    assert post(committee, batch, "commit").status_code == 409


def test_errors_stand_beside_the_cells_and_in_the_marked_file(
    cast: Cast, committee: Client, django_capture_on_commit_callbacks
) -> None:
    roster = Roster(cast).add("丁一川", joined_on="1989年2月30日").add("无号老人", id_number=None).add("丁一舟")
    batch = sent(committee, cast, roster, django_capture_on_commit_callbacks)
    text = page(committee, batch)
    assert '<a href="#r2">第 2 行：加入党组织日期“1989年2月30日”不是有效的日期。</a>' in text
    assert re.search(r'<td class="x" data-col="加入党组织日期"><b>1989年2月30日</b>', text)
    assert "先写入没有问题的 1 行" in text
    assert reverse("exchange:accept", kwargs={"uuid": batch.uuid, "row_no": 3}) in text
    assert post(committee, batch, "commit").status_code == 422
    book = load_workbook(BytesIO(committee.get(reverse("exchange:marked", kwargs={"uuid": batch.uuid})).content))
    assert book.sheetnames[0] == "核对结果"
    assert "不是有效的日期" in str([c.value for c in book["名册"][2]])
    assert post(committee, batch, "accept", {"reason": "", "proof": ""}, row_no=3).status_code == 422
    assert post(committee, batch, "accept", {"reason": "补办中", "proof": "证明1号"}, row_no=2).status_code == 422
    assert post(committee, batch, "accept", {"reason": "补办中", "proof": "证明1号"}, row_no=3).status_code == 302
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "commit", {"good_rows": "1"})
    assert set(Member.objects.filter(name__in=["丁一川", "无号老人", "丁一舟"]).values_list("name", flat=True)) == {
        "无号老人",
        "丁一舟",
    }


def test_unclear_columns_are_asked_once_and_remembered(cast: Cast, committee: Client, django_capture_on_commit_callbacks) -> None:
    headers = ["姓名", "所在党支部", "公民身份号码", "性别", "人员类别", "入党那天", "转为正式党员日期", "民族", "备用"]
    fields = ["name", "branch", "id_number", "sex", "category", "joined_on", "converted_on", "nation", ""]
    who = person("丁一川") | {"branch": "第一党支部", "joined_on": "2005-07-01", "converted_on": "2006-07-01"}
    content = files.workbook([headers, [who.get(f, "") for f in fields]])
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(committee, cast, content)
    batch = ImportBatch.objects.get()
    assert batch.state == BatchState.MAPPING
    assert committee.get(answer.url).url == reverse("exchange:columns", kwargs={"uuid": batch.uuid})
    assert "入党那天" in page(committee, batch, "columns")
    wrong = {f"column_{i}": f for i, f in enumerate(["name", "name", *fields[2:]])}
    assert "有两列都选了“姓名”" in post(committee, batch, "columns", wrong).content.decode()
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "columns", {f"column_{i}": f for i, f in enumerate(fields)})
    assert fresh(batch).counts == {"new": 1}
    with django_capture_on_commit_callbacks(execute=True):
        send(committee, cast, content)
    assert ImportBatch.objects.latest("pk").state == BatchState.REVIEW


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "空.xlsx", "空的"),
        (b"hello", "名册.xlsx", "不是 Excel 工作簿"),
        (files.word_document(), "名册.xlsx", "Word 文档"),
        (files.compound_file("EncryptedPackage"), "名册.xlsx", "打开密码"),
        (files.compound_file("Workbook"), "名册.xls", "旧版 Excel"),
        (files.roster()[:700], "名册.xlsx", "损坏"),
        (files.entity_bomb(), "名册.xlsx", "为了安全没有打开"),
        (files.sheet_of(120_000, 2), "名册.xlsx", "工作表太大"),
    ],
)
def test_bad_files_are_refused_in_plain_words_and_nothing_is_lost(
    cast: Cast, committee: Client, content: bytes, name: str, says: str
) -> None:
    answer = send(committee, cast, content, name)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert says in text
    assert written_as(cast.committee) in text
    assert not ImportBatch.objects.exists()


def test_fifty_megabytes_are_refused_on_a_page(cast: Cast, committee: Client) -> None:
    answer = send(committee, cast, b"PK\x03\x04" + bytes(50 * 1024 * 1024))
    assert answer.status_code == 422
    assert "最多 20 MB" in answer.content.decode()
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (files.workbook([["这里什么也没有"]]), "没有找到名册的表头"),
        (files.workbook([files.HEADERS]), "没有人员"),
    ],
)
def test_files_without_a_roster_end_on_a_page_that_says_so(
    cast: Cast, committee: Client, django_capture_on_commit_callbacks, content: bytes, says: str
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(committee, cast, content)
    text = committee.get(answer.url).content.decode()
    assert says in text
    assert "重新上传" in text


def test_progress_moves_and_then_asks_for_the_page(cast: Cast, committee: Client) -> None:
    send(committee, cast, Roster(cast).add("丁一川").content)
    batch = ImportBatch.objects.get()
    assert batch.state == BatchState.UPLOADED
    assert "hx-trigger" in page(committee, batch)
    ImportBatch.objects.update(state=BatchState.READING, done=76, total=1120)
    answer = committee.get(reverse("exchange:progress", kwargs={"uuid": batch.uuid}))
    assert "第 76 行，共 1,120 行" in answer.content.decode()
    assert "HX-Refresh" not in answer
    assert "去确认" not in committee.get(reverse("exchange:list")).content.decode()
    ImportBatch.objects.update(state=BatchState.REVIEW)
    done = committee.get(reverse("exchange:progress", kwargs={"uuid": batch.uuid}))
    assert done["HX-Refresh"] == "true"
    assert "hx-trigger" not in done.content.decode()


def test_a_stopped_import_is_not_read_on(cast: Cast, committee: Client, django_capture_on_commit_callbacks) -> None:
    send(committee, cast, Roster(cast).add("丁一川").content)
    batch = ImportBatch.objects.get()
    post(committee, batch, "cancel")
    from exchange.tasks import read

    read(batch.pk)
    assert fresh(batch).state == BatchState.CANCELLED
    assert "已取消" in page(committee, batch)


def test_others_in_scope_see_the_import_but_not_its_rows(
    cast: Cast, as_person, committee: Client, django_capture_on_commit_callbacks
) -> None:
    batch = sent(
        committee, cast, Roster(cast).add("丁一川", id_number=id_number()[:-1] + "A"), django_capture_on_commit_callbacks
    )
    county, stranger = as_person("county"), as_person("stranger")
    text = page(county, batch)
    assert "等待上传的人确认" in text
    assert "丁一川" not in text
    assert "名册.xlsx" in county.get(reverse("exchange:list")).content.decode()
    for name in ("columns", "changes", "missing", "marked"):
        assert county.get(reverse(f"exchange:{name}", kwargs={"uuid": batch.uuid})).status_code == 403
    for name in ("commit", "cancel"):
        assert post(county, batch, name).status_code == 403
    assert stranger.get(reverse("exchange:batch", kwargs={"uuid": batch.uuid})).status_code == 403
    assert as_person("secretary").get(reverse("exchange:list")).status_code == 403


def test_an_organisation_outside_the_scope_is_not_found(cast: Cast, committee: Client) -> None:
    answers = [
        send(committee, cast, Roster(cast).add("丁一川").content, organization=where).content.decode()
        for where in (cast.other_committee.code, "no-such-code")
    ]
    assert all("没有找到这个组织，或不在您的管理范围内" in text for text in answers)
    assert not ImportBatch.objects.exists()


def test_what_is_typed_into_addresses_breaks_nothing(cast: Cast, committee: Client, django_capture_on_commit_callbacks) -> None:
    batch = sent(committee, cast, Roster(cast).add("丁一川", sex="女"), django_capture_on_commit_callbacks)
    for query in ("?after=x", "?after=-1", "?after=99999999999999999999", "?after=²"):
        assert committee.get(reverse("exchange:batch", kwargs={"uuid": batch.uuid}) + query).status_code == 200
    assert committee.get(reverse("exchange:new") + "?org=%00").status_code < 500
    assert committee.get(reverse("exchange:accept", kwargs={"uuid": batch.uuid, "row_no": 999})).status_code == 404


def test_hostile_cells_stay_text(cast: Cast, committee: Client, django_capture_on_commit_callbacks) -> None:
    nasty = "<script>alert(1)</script>"
    people = [person(nasty) | {"branch": nasty}, person("丁一川") | {"branch": "第一党支部", "education": nasty}]
    with django_capture_on_commit_callbacks(execute=True):
        answer = send(committee, cast, roster_file(people), name='"><img src=x>.xlsx')
    text = committee.get(answer.url).content.decode()
    assert nasty not in text
    assert "&lt;script&gt;" in text
    assert "<img" not in text


def test_a_large_file_never_touches_the_disk_and_the_token_is_still_asked_for(
    cast: Cast, committee: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *_, **__: pytest.fail("a temporary file"))
    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", lambda *_, **__: pytest.fail("on disk"))
    assert send(committee, cast, b"PK\x03\x04" + bytes(5 * 1024 * 1024)).status_code == 422
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(cast["committee"], backend="accounts.backends.AccountBackend")
    answer = send(strict, cast, files.roster())
    assert answer.status_code == 403
    assert not ImportBatch.objects.exists()


def test_a_header_of_two_rows_is_read_the_same_way_twice(
    cast: Cast, committee: Client, django_capture_on_commit_callbacks
) -> None:
    who = person("丁一川")
    upper = ["姓名", "所在党支部", "公民身份号码", "入党", "", "人员类别"]
    lower = ["", "", "", "加入党组织日期", "转为正式党员日期", ""]
    row = [who["name"], "第一党支部", who["id_number"], "2005-07-01", "2006-07-01", "正式党员"]
    content = files.workbook([upper, lower, row], merged=["D1:E1"])
    with django_capture_on_commit_callbacks(execute=True):
        send(committee, cast, content)
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.counts) == (BatchState.REVIEW, {"new": 1})
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "columns", {f"column_{i}": f for i, f in enumerate(batch.mapping)})
    again = fresh(batch)
    assert (again.headers, again.counts) == (batch.headers, {"new": 1})


def test_another_persons_import_is_undone_only_after_showing_who_one_is(
    cast: Cast, as_person, committee: Client, django_capture_on_commit_callbacks
) -> None:
    batch = sent(committee, cast, Roster(cast).add("丁一川"), django_capture_on_commit_callbacks)
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "commit")
    superior = as_person("department")
    shown = reverse("exchange:batch", args=[batch.uuid])
    asked = superior.post(
        reverse("exchange:undo", args=[batch.uuid]), {"reason": "传错了"}, headers={"Referer": f"http://x{shown}"}
    )
    assert asked["Location"] == reverse("portal:elevate")
    assert fresh(batch).state == BatchState.COMMITTED
    back = superior.post(reverse("portal:elevate"), {"reason": "下级来电请求撤销", "proof": PASSWORD})
    assert back["Location"] == shown
    assert "传错了" in page(superior, batch)
    with django_capture_on_commit_callbacks(execute=True):
        post(superior, batch, "undo", {"reason": "传错了"})
    assert fresh(batch).state == BatchState.UNDONE


def test_another_row_may_be_the_header(cast: Cast, committee: Client, django_capture_on_commit_callbacks) -> None:
    who = person("丁一川") | {"branch": "第一党支部", "joined_on": "2005-07-01", "converted_on": "2006-07-01", "birth_date": ""}
    fields = ["name", "branch", "id_number", "sex", "category", "joined_on", "converted_on", "nation"]
    wrong = ["姓名", "性别", "民族", "学历", "手机号", "固定电话", "家庭住址", "籍贯", "学位", "工作岗位"]
    right = ["党员", "组织", "证号", "男女", "类型甲", "入党那天", "转正那天", "族别"]
    content = files.workbook([wrong, right, [who.get(f, "") for f in fields]])
    with django_capture_on_commit_callbacks(execute=True):
        send(committee, cast, content)
    batch = ImportBatch.objects.get()
    assert batch.header_row == 1
    assert post(committee, batch, "header", {"sheet": batch.sheet, "header_row": "0"}).status_code == 422
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "header", {"sheet": batch.sheet, "header_row": "2"})
    assert (fresh(batch).header_row, fresh(batch).headers[:2], fresh(batch).state) == (2, ["党员", "组织"], BatchState.MAPPING)
    with django_capture_on_commit_callbacks(execute=True):
        post(committee, batch, "columns", {f"column_{i}": f for i, f in enumerate(fields)})
    assert fresh(batch).counts == {"new": 1}
