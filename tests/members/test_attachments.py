"""Files: what may come in, how it lies there, who opens it, what stays when it goes."""

import io
import os
import struct
import uuid
import zipfile
import zlib
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from audit.models import AuditRecord
from audit.queries import lookups_of
from core.errors import Conflict, DomainError, Missing, NotAllowed
from core.procedures import material_sources
from members.domain import attachments, records
from members.enums import RecordState
from members.file_checks import checked_file, real_kind
from members.models import Attachment
from members.record_kinds import BY_KEY
from members.tasks import sweep_attachments
from regulations.packs import pack
from tests.house.rows_life import PICTURE
from tests.members.test_records import GIVEN, START
from tests.people import Cast

PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"
KINDS = ("pdf", "ofd", "jpg", "png", "docx", "xlsx")
LIMIT = 1024 * 1024


@pytest.fixture(autouse=True)
def data(settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def packed(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return out.getvalue()


def png(*notes: tuple[bytes, bytes]) -> bytes:
    """The picture with these chunks before its end."""
    chunks = b"".join(struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in notes)
    return PICTURE[:-12] + chunks + PICTURE[-12:]


def jpeg(orientation: int = 1, *, place: bytes = b"GPS 31.23") -> bytes:
    entries = struct.pack(">HHHIHH", 1, 0x0112, 3, 1, orientation, 0) + struct.pack(">I", 0) + place
    exif = b"Exif\0\0MM\0*" + struct.pack(">I", 8) + entries
    segment = b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif
    comment = b"\xff\xfe" + struct.pack(">H", 2 + len(place)) + place
    table = b"\xff\xdb" + struct.pack(">H", 4) + b"\0\0"
    scan = b"\xff\xda" + struct.pack(">H", 4) + b"\0\0" + b"pixels" + b"\xff\xd9"
    return b"\xff\xd8" + segment + comment + table + scan


# --- what may come in ---


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (PDF, "志愿书.pdf"),
        (PICTURE, "照片.PNG"),
        (jpeg(), "照片.jpeg"),
        (packed("word/document.xml"), "说明.docx"),
        (packed("xl/workbook.xml"), "表.xlsx"),
        (packed("OFD.xml"), "批复.ofd"),
    ],
)
def test_a_file_is_taken_by_its_content(content: bytes, name: str) -> None:
    assert checked_file(content, name, kinds=KINDS, limit_bytes=LIMIT).extension in KINDS


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "空.pdf", "file_empty"),
        (PDF + b"0" * LIMIT, "大.pdf", "file_too_big"),
        (PDF, "改名.png", "file_name_kind"),
        (b"<html><script>alert(1)</script></html>", "页面.pdf", "file_kind"),
        (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "图.png", "file_kind"),
        (b"MZ" + b"\0" * 200, "程序.pdf", "file_kind"),
        (packed("word/document.xml", "word/vbaProject.bin"), "宏.docx", "file_kind"),
        (packed("别的.txt"), "包.docx", "file_kind"),
        (b"PK\x03\x04 broken", "坏.docx", "file_kind"),
        (PICTURE[:40], "残.png", "picture_broken"),
        (jpeg()[:30], "残.jpg", "picture_broken"),
    ],
)
def test_a_file_is_refused_with_a_word(content: bytes, name: str, code: str) -> None:
    with pytest.raises(DomainError) as refused:
        checked_file(content, name, kinds=KINDS, limit_bytes=LIMIT)
    assert (refused.value.code, refused.value.field) == (code, "file")


def test_a_picture_loses_the_place_and_keeps_which_way_is_up() -> None:
    kept = checked_file(jpeg(6), "照片.jpg", kinds=KINDS, limit_bytes=LIMIT)
    assert kept.place_removed
    assert b"GPS" not in kept.content
    assert real_kind(kept.content) == "jpg"
    assert b"\x01\x12\x00\x03\x00\x00\x00\x01\x00\x06" in kept.content
    assert kept.content.endswith(b"pixels\xff\xd9")
    assert b"Exif" not in checked_file(jpeg(1), "照片.jpg", kinds=KINDS, limit_bytes=LIMIT).content
    noted = png((b"eXIf", b"GPS 31.23"), (b"tEXt", b"place\0here"))
    assert checked_file(noted, "照片.png", kinds=KINDS, limit_bytes=LIMIT).content == PICTURE


# --- how it lies there, who opens it ---


def attached(cast: Cast, who: str = "secretary", **more: object) -> Attachment:
    chen = cast.members["chen"]
    given = {"title": "入党志愿书"} | more
    return attachments.attach("member", chen.uuid, PDF, "志愿书.pdf", actor=cast[who], **given)


def test_a_file_lies_sealed_and_opens_for_a_trace(cast: Cast, data: Path) -> None:
    made = attached(cast)
    (file,) = (p for p in (data / "attachments").rglob("*") if p.is_file())
    assert b"PDF" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0
    assert attachments.open_attachment(made, actor=cast["secretary"]) == PDF
    look = lookups_of(cast.members["chen"].uuid, since=START)[0]
    assert (look.name, look.fields) == ("李砚秋", ("附件：入党志愿书",))
    assert AuditRecord.objects.filter(verb="attach_file", subject=cast.members["chen"].uuid).count() == 1


@pytest.mark.parametrize(("who", "error"), [("neighbour", Missing), ("stranger", Missing), ("reader", NotAllowed)])
def test_others_neither_attach_nor_open_nor_withdraw(cast: Cast, data: Path, who: str, error: type[DomainError]) -> None:
    made = attached(cast)
    with pytest.raises(error):
        attached(cast, who)
    with pytest.raises(error):
        attachments.open_attachment(made, actor=cast[who])
    with pytest.raises(error):
        attachments.withdraw_attachment(made, actor=cast[who], reason="误")
    assert len([p for p in (data / "attachments").rglob("*") if p.is_file()]) == 1


def test_who_may_not_see_numbers_does_not_open_papers(cast: Cast) -> None:
    made = attached(cast, "organizer")
    with pytest.raises(NotAllowed):
        attachments.open_attachment(made, actor=cast["organizer"])


def test_a_file_of_a_sensitive_record_is_as_guarded_as_the_record(cast: Cast) -> None:
    chen = cast.members["chen"]
    made = records.add_record(chen, BY_KEY["sanctions"], GIVEN["sanctions"], actor=cast["secretary"])
    with pytest.raises(NotAllowed):
        attachments.attach("sanctions", made.uuid, PDF, "决定.pdf", actor=cast["organizer"], title="处分决定")
    file = attachments.attach("sanctions", made.uuid, PDF, "决定.pdf", actor=cast["secretary"], title="处分决定")
    assert not AuditRecord.objects.filter(verb="attach_file").exists()
    with pytest.raises(NotAllowed):
        attachments.open_attachment(file, actor=cast["organizer"])
    assert attachments.open_attachment(file, actor=cast["committee"]) == PDF
    with pytest.raises(Missing):
        attachments.attach("nothing", made.uuid, PDF, "决定.pdf", actor=cast["secretary"], title="处分决定")


def test_a_withdrawn_file_is_gone_and_its_row_says_why(cast: Cast, data: Path, django_capture_on_commit_callbacks) -> None:
    made = attached(cast)
    with pytest.raises(DomainError):
        attachments.withdraw_attachment(made, actor=cast["secretary"], reason=" ")
    with django_capture_on_commit_callbacks(execute=True):
        attachments.withdraw_attachment(made, actor=cast["secretary"], reason="传错了人")
    made.refresh_from_db()
    assert (made.state, made.withdrawn_reason, made.withdrawn_by) == (RecordState.WITHDRAWN, "传错了人", "李砚秋")
    assert not attachments.path_of(made.uuid).exists()
    with pytest.raises(Missing):
        attachments.open_attachment(made, actor=cast["secretary"])
    with pytest.raises(Conflict):
        attachments.withdraw_attachment(made, actor=cast["secretary"], reason="再来")


def test_an_upload_that_fails_leaves_nothing(cast: Cast, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object, **options: object) -> None:
        raise RuntimeError("interrupted")

    monkeypatch.setattr(attachments, "_record", broken)
    with pytest.raises(RuntimeError), transaction.atomic():
        attached(cast)
    assert not Attachment.objects.exists()
    assert not [p for p in (data / "attachments").rglob("*") if p.is_file()]


def test_the_sweep_takes_what_no_row_stands_for(cast: Cast, data: Path) -> None:
    made = attached(cast)
    orphan, part, fresh = (attachments.path_of(uuid.uuid4()) for _ in range(3))
    part = part.with_suffix(".part")
    for path in (orphan, part, fresh):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    for path in (orphan, part, attachments.path_of(made.uuid)):
        os.utime(path, (0, 0))
    sweep_attachments()
    assert [p.exists() for p in (orphan, part, fresh, attachments.path_of(made.uuid))] == [False, False, True, True]


def test_one_photo_of_a_person(cast: Cast, django_capture_on_commit_callbacks) -> None:
    chen = cast.members["chen"]
    with pytest.raises(DomainError, match="JPG"):
        attached(cast, photo=True)
    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(2):
            attachments.attach("member", chen.uuid, PICTURE, "近照.png", actor=cast["secretary"], title="近照", photo=True)
    standing = Attachment.objects.filter(is_photo=True, state=RecordState.STANDING)
    assert standing.get() == attachments.photo_of(chen)
    assert Attachment.objects.filter(is_photo=True).count() == 2
    assert attachments.open_attachment(standing.get(), actor=cast["organizer"]) == PICTURE
    assert not lookups_of(chen.uuid, since=START)


# --- the pages ---


def test_a_file_comes_as_a_locked_download(cast: Cast, as_person) -> None:
    client, base = as_person("secretary"), f"/admin/members/{cast.members['chen'].uuid}/"
    sent = SimpleUploadedFile("入党 志愿书.pdf", PDF, content_type="text/html")
    done = client.post(base + "attachments/new/", {"title": "入党志愿书", "file": sent}, follow=True)
    assert "已上传：入党志愿书" in done.content.decode()
    made = Attachment.objects.get()
    answer = client.get(f"{base}attachments/{made.uuid}/")
    assert answer.content == PDF
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in answer["Cache-Control"]
    assert as_person("neighbour").get(f"{base}attachments/{made.uuid}/").status_code == 404
    zhao = f"/admin/members/{cast.members['zhao'].uuid}/attachments/{made.uuid}/"
    assert as_person("committee").get(zhao).status_code == 404
    refused = client.post(base + "attachments/new/", {"title": "x", "file": SimpleUploadedFile("a.pdf", b"<html>")})
    assert refused.status_code == 422
    assert "按文件内容判断" in refused.content.decode()


def test_a_photo_is_shown_on_the_file(cast: Cast, as_person) -> None:
    client, base = as_person("secretary"), f"/admin/members/{cast.members['chen'].uuid}/"
    assert client.get(base + "photo/").status_code == 404
    client.post(base + "attachments/new/", {"title": "近照", "is_photo": "on", "file": SimpleUploadedFile("a.png", PICTURE)})
    assert "的照片" in client.get(base).content.decode()
    answer = client.get(base + "photo/")
    assert answer["Content-Disposition"].startswith("inline")
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"


def test_a_member_opens_the_own_file_and_nobody_else_there(cast: Cast, as_person) -> None:
    made = attached(cast)
    address = f"/me/attachments/{made.uuid}/"
    answer = as_person("chen").get(address)
    assert answer.content == PDF
    assert answer["Content-Disposition"].startswith("attachment")
    assert {who: as_person(who).get(address).status_code for who in ("zhao", "secretary", "department")} == dict.fromkeys(
        ("zhao", "secretary", "department"), 404
    )
    assert not lookups_of(cast.members["chen"].uuid, since=START)
    assert "入党志愿书" in as_person("chen").get("/me/file/records/").content.decode()


def test_a_member_hands_in_a_paper_for_the_own_file_only(cast: Cast, as_person) -> None:
    chen, client = cast.members["chen"], as_person("chen")
    sent = {"title": "毕业证书", "file": SimpleUploadedFile("证书.pdf", PDF)}
    done = client.post("/me/file/records/", sent, follow=True)
    assert "已交给支部：毕业证书" in done.content.decode()
    made = Attachment.objects.get()
    assert (made.member, made.uploaded_by) == (chen, "陈望舒")
    assert "毕业证书" in as_person("secretary").get(f"/admin/members/{chen.uuid}/").content.decode()
    refused = client.post("/me/file/records/", {"title": "毕业证书", "file": SimpleUploadedFile("证书.pdf", b"<html>")})
    assert refused.status_code == 422
    assert "按文件内容判断" in refused.content.decode()
    with pytest.raises(Missing):
        attachments.attach_own(cast.members["zhao"], PDF, "证书.pdf", actor=cast["chen"], title="毕业证书")
    most = pack("registry").integer("attachment.own.max")
    rows = [
        Attachment(owner_kind="member", owner=chen.uuid, member=chen, title="旧", size=1, extension="pdf") for _ in range(most)
    ]
    Attachment.objects.bulk_create(rows)
    with pytest.raises(DomainError, match="先请支部整理"):
        attachments.attach_own(chen, PDF, "证书.pdf", actor=cast["chen"], title="毕业证书")


def test_a_paper_becomes_material_of_a_case_about_its_person_only(cast: Cast) -> None:
    made, source = attached(cast), material_sources["attachment"]

    def case(name: str) -> SimpleNamespace:
        return SimpleNamespace(subject_uuid=cast.members[name].uuid)

    able = {
        who: source.attachable(cast[who], case("chen"), made.uuid)
        for who in ("chen", "secretary", "committee", "zhao", "neighbour")
    }
    assert able == {"chen": True, "secretary": True, "committee": True, "zhao": False, "neighbour": False}
    assert not source.attachable(cast["committee"], case("zhao"), made.uuid)
    assert str(made.uuid) in source.url(case("chen"), made.uuid)
