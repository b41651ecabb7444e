"""An import through the API from the file to its undoing, and what a token's narrow view makes of a roster."""

from datetime import timedelta
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from exchange.domain.reading import read_batch
from exchange.domain.writing import carry_out
from exchange.enums import BatchState
from exchange.models import ImportBatch, ImportRow
from exchange.workbooks.columns import official_headers
from exchange.workbooks.writing import write_table
from members.models import Member
from orgs.models import ApiToken
from tests.house.rows_api import ROSTER
from tests.people import person

LIST = reverse("api:imports")


def roster(*people: dict[str, object]) -> SimpleUploadedFile:
    from exchange.workbooks.columns import FIELDS

    out = BytesIO()
    write_table(out, official_headers(), [[one.get(field.name) for field in FIELDS] for one in people])
    return SimpleUploadedFile("名册.xlsx", out.getvalue())


def someone(name: str, branch: object, **cells: object) -> dict[str, object]:
    return person(name, branch=branch.name, **cells)


def send(client, organization, file):
    return client.post(LIST, {"organization": organization.code, "file": file})


def act(client, name: str, uuid: str, data: dict[str, object] | None = None, **more: object):
    return client.post(reverse(f"api:{name}", kwargs={"uuid": uuid, **more}), data or {}, content_type="application/json")


@pytest.fixture
def here(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()


@pytest.mark.usefixtures("here")
def test_from_the_file_to_its_undoing(cast, bearer):
    client = bearer("committee")
    made = send(client, cast.committee, roster(someone("钱一", cast.branch), someone("钱二", cast.sibling, id_number="123")))
    assert made.status_code == 201, made.content
    uuid = made.json()["uuid"]
    read_batch(ImportBatch.objects.get().pk)
    found = client.get(reverse("api:import", args=[uuid])).json()
    assert (found["state"], found["mine"]) == ("review", True)
    assert (found["counts"]["new"], found["counts"]["refused"]) == (1, 1)
    rows = client.get(reverse("api:import_rows", args=[uuid])).json()
    assert rows["items"][0]["name"] == "钱二"
    assert rows["items"][0]["faults"][0]["field"] == "id_number"
    assert rows["items"][0]["may_accept"] is True
    refused = act(client, "import_commit", uuid)
    assert (refused.status_code, refused.json()["code"]) == (422, "rows_refused")
    taken = act(
        client, "import_accept", uuid, {"reason": "正在补办", "proof": "证明〔2026〕3号"}, row_no=rows["items"][0]["row_no"]
    )
    assert taken.json()["counts"] == {"new": 2, "update": 0, "same": 0, "refused": 0}
    assert act(client, "import_commit", uuid).json()["state"] == "commit_requested"
    carry_out(ImportBatch.objects.get().pk)
    assert Member.objects.filter(name__startswith="钱").count() == 2
    assert act(client, "import_undo", uuid, {"reason": "传错了"}).json()["state"] == "undo_requested"
    carry_out(ImportBatch.objects.get().pk)
    assert not Member.objects.filter(name__startswith="钱").exists()


@pytest.mark.usefixtures("here")
def test_a_narrow_token_judges_by_its_own_narrow_view_also_in_the_background(cast, bearer):
    """The owner reaches both branches; the token one. Neither a row of the other branch nor a person there is known to it."""
    zhao = cast.members["zhao"]
    client = bearer("committee", node=cast.branch)
    people = [
        someone("钱一", cast.branch),
        someone("孙三", cast.sibling),
        someone("赵一禾", cast.branch, id_number=zhao.id_number),
    ]
    uuid = send(client, cast.branch, roster(*people)).json()["uuid"]
    batch = ImportBatch.objects.get()
    read_batch(batch.pk)
    rows = {row.name: row for row in ImportRow.objects.filter(batch=batch)}
    assert rows["孙三"].action == "refused"
    assert rows["赵一禾"].action == "new"  # judged like a number nobody has, as for anybody who sees this branch only
    act(client, "import_commit", uuid, {"good_rows": True})
    carry_out(batch.pk)
    zhao.refresh_from_db()
    assert zhao.organization == cast.sibling
    assert not Member.objects.filter(name="孙三").exists()


@pytest.mark.usefixtures("here")
@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_a_token_that_ends_meanwhile_writes_nothing(cast, bearer, end):
    client = bearer("committee")
    uuid = send(client, cast.committee, roster(someone("钱一", cast.branch))).json()["uuid"]
    batch = ImportBatch.objects.get()
    read_batch(batch.pk)
    act(client, "import_commit", uuid)
    now = timezone.now()
    change = (
        {"revoked_at": now} if end == "revoked" else {"made_at": now - timedelta(days=2), "expires_at": now - timedelta(days=1)}
    )
    ApiToken.objects.update(**change)
    carry_out(batch.pk)
    batch.refresh_from_db()
    assert batch.state != BatchState.COMMITTED
    assert not Member.objects.filter(name="钱一").exists()


@pytest.mark.usefixtures("here")
def test_another_token_and_the_owner_in_person_see_that_it_is_there_and_nothing_of_it(cast, bearer, as_person):
    uuid = send(bearer("committee"), cast.committee, roster(someone("钱一", cast.branch))).json()["uuid"]
    read_batch(ImportBatch.objects.get().pk)
    for client in (bearer("committee", node=cast.committee), as_person("committee"), bearer("county")):
        assert client.get(reverse("api:import", args=[uuid])).json()["mine"] is False
        assert act(client, "import_commit", uuid).json()["code"] == "not_yours"
        assert client.get(reverse("api:import_rows", args=[uuid])).status_code == 403
    assert bearer("stranger").get(reverse("api:import", args=[uuid])).status_code in (403, 404)


@pytest.mark.usefixtures("here")
def test_what_is_no_roster_is_refused_as_on_the_page(cast, bearer):
    client = bearer("committee")
    refused = send(client, cast.committee, SimpleUploadedFile("名册.xlsx", b"nothing"))
    assert refused.status_code == 422
    assert client.post(LIST, {"organization": cast.committee.code}).json()["errors"][0]["field"] == "file"
    elsewhere = send(client, cast.other_committee, SimpleUploadedFile("名册.xlsx", ROSTER.read_bytes()))
    assert elsewhere.json()["errors"][0]["code"] == "organization_unknown"
    assert client.post(LIST, {}, content_type="application/json").status_code == 415


@pytest.mark.usefixtures("here")
def test_the_list_costs_the_same_however_long(cast, bearer, django_assert_num_queries):
    client = bearer("committee")
    for name in ("钱一", "钱二", "钱三"):
        send(client, cast.committee, roster(someone(name, cast.branch)))
    with django_assert_num_queries(3):
        first = client.get(f"{LIST}?size=1").json()
    with django_assert_num_queries(3):
        assert len(client.get(LIST).json()["items"]) == 3
    assert len(client.get(f"{LIST}?after={first['next']}").json()["items"]) == 2
