"""Nobody learns from an import whether a number is registered outside their view: same rows, same pages, same statements."""

import json
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditRecord
from core.access import forget
from exchange.domain import reading
from exchange.models import ImportBatch, ImportRow
from members.models import Member, MemberDraft
from members.queries import contested_below
from tests.exchange.rosters import Roster, committed, fresh, run_command, taken_back
from tests.people import Cast, id_number, person

IDS = re.compile(
    r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}|csrf[^>]*>|\b99\d{4}\*{8}\d{3}[\dX]\b|\d{1,2}:\d\d"
    r'|"bytes": \d+'
)


def normalised(text: str) -> str:
    return IDS.sub("#", text)


def roster(cast: Cast, number: str) -> Roster:
    """Two people: one with the number asked about, one with a refusal, so that every page has something to show."""
    made = Roster(cast).add("丁一川", id_number=number, sex="女", phone="13900001111")
    return made.add("坏日期", joined_on="1989年2月30日", id_number=id_number(), phone="13900002222")


@pytest.fixture
def numbers(cast: Cast) -> dict[str, str]:
    """One registered under the other committee, one registered nowhere; both of women born on the same day."""
    known = cast.members["zhou"].id_number
    return {"foreign": known, "fresh": id_number(cast.members["zhou"].birth_date, "2")}


def seen(client, batch: ImportBatch) -> dict[str, str]:
    addresses = {
        name: reverse(f"exchange:{name}", kwargs={"uuid": batch.uuid}) for name in ("batch", "changes", "missing", "columns")
    }
    addresses |= {"list": reverse("exchange:list"), "members": reverse("members:list"), "workbench": reverse("workbench")}
    answers = {name: client.get(address) for name, address in addresses.items()}
    return {name: f"{a.status_code} {normalised(a.content.decode())}" for name, a in answers.items()}


def test_pages_and_statements_do_not_tell(cast: Cast, numbers: dict[str, str], as_person) -> None:
    from django.db import transaction

    told: dict[str, list[object]] = {}
    for kind, number in numbers.items():
        made = roster(cast, number)
        made.content  # noqa: B018 - built before the statements are counted
        forget(cast["committee"])
        with transaction.atomic():
            with CaptureQueriesContext(connection) as reads:
                batch = made.read()
            before = seen(as_person("committee"), batch)
            counts, rows = batch.counts, list(batch.rows.values_list("row_no", "action", "faults", "notes", "withheld", "fields"))
            with CaptureQueriesContext(connection) as writes:
                batch = committed(batch, good_rows=True)
            after = seen(as_person("committee"), batch)
            person_file = as_person("committee").get(reverse("members:file", args=[Member.objects.get(name="丁一川").uuid]))
            after["file"] = normalised(person_file.content.decode())
            audit = [
                (r.verb, r.kind, r.path, r.reason, normalised(json.dumps(r.details, ensure_ascii=False)))
                for r in AuditRecord.objects.filter(actor_name="镇党委组织员").order_by("pk")
            ]
            held = Member.objects.get(name="丁一川").contested
            told[kind] = [before, counts, rows, batch.written, after, audit, shapes(reads), shapes(writes)]
            assert held == (kind == "foreign")
            transaction.set_rollback(True)
    for one, other in zip(told["foreign"], told["fresh"], strict=True):
        assert one == other


def shapes(queries: CaptureQueriesContext) -> list[str]:
    """The statements without their values: as many, in the same order."""
    return [re.sub(r"\d+", "0", q["sql"].split(" WHERE ")[0])[:60] for q in queries.captured_queries if "COPY" not in q["sql"]]


def test_the_command_prints_the_same(cast: Cast, numbers: dict[str, str], tmp_path) -> None:
    from django.db import transaction

    printed = {}
    for kind, number in numbers.items():
        file = tmp_path / "roster.xlsx"
        file.write_bytes(roster(cast, number).content)
        with transaction.atomic():
            options = ("--org", cast.committee.code, "--actor", "committee")
            dry = run_command("import_roster", str(file), *options)
            wet = run_command("import_roster", str(file), *options, "--commit", "--good-rows")
            printed[kind] = [({k: v for k, v in result.items() if k != "batch"}, code) for result, code in (dry, wet)]
            transaction.set_rollback(True)
    assert printed["foreign"] == printed["fresh"]
    assert printed["fresh"][1][0]["accepted"] == 1


def test_the_second_import_of_a_held_person_is_like_that_of_anybody(cast: Cast, numbers: dict[str, str]) -> None:
    counts = []
    for number in numbers.values():
        who = person("丁一川", id_number=number, sex="女") | {"branch": "第一党支部"}
        first = Roster(cast, [who]).commit()
        again = Roster(cast, [who]).read()
        counts.append((first.written, again.counts))
        taken_back(first)
    assert counts[0] == counts[1] == ({"enrolled": 1, "amended": 0}, {"same": 1})


def test_the_held_registration_waits_for_the_nearest_common_superior(cast: Cast, numbers: dict[str, str]) -> None:
    Roster(cast).add("丁一川", id_number=numbers["foreign"], sex="女").commit()
    held = Member.objects.get(name="丁一川")
    assert held in list(contested_below(cast["county"]))
    assert Member.objects.get(pk=cast.members["zhou"].pk).contested is False


def test_who_sees_both_sides_is_told_where_the_number_stands(cast: Cast, numbers: dict[str, str]) -> None:
    batch = Roster(cast).add("丁一川", id_number=numbers["foreign"], sex="女").read("county")
    said = batch.rows.get().faults
    assert [f["code"] for f in said] == ["duplicate_in_registry"]
    assert "邻村党支部" in said[0]["message"]


def test_a_number_in_the_wrong_column_is_not_kept_in_clear(cast: Cast) -> None:
    number, phone = id_number(), "13912345678"
    made = Roster(cast).add("丁一川", education=phone, branch=number, joined_on=f"证件 {number} 见附件")
    made.people[0]["birth_date"] = number
    batch = made.read()
    reading.read_batch(batch.pk)
    kept = json.dumps(list(ImportRow.objects.filter(batch=batch).values("name", "shown", "faults", "notes")), ensure_ascii=False)
    assert number not in kept
    assert phone not in kept
    assert not MemberDraft.objects.filter(batch=batch.uuid).exists()
    assert fresh(batch).refused == 1


def test_no_clear_number_stands_anywhere_in_the_database_after_an_import(cast: Cast) -> None:
    made = Roster(cast).add("丁一川").add("错号", id_number=id_number()[:-1] + "A").add("坏日期", joined_on="1989年2月30日")
    batch = committed(made.read(), good_rows=True)
    taken_back(batch)
    made.commit(good_rows=True)
    dump = every_text()
    for row in made.people:
        assert str(row["id_number"]) not in dump
        assert str(row["phone"]) not in dump
    for member in Member.objects.all():
        assert member.id_number not in dump
        assert member.phone not in dump
        assert member.address not in dump
    assert "丁一川" in dump


def every_text() -> str:
    """All columns of all tables, as a dump would hold them; bytes in hex and as text."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            found += [row[0] for row in cursor.fetchall()]
    text = "\n".join(found)
    unhexed = "\n".join(bytes.fromhex(h).decode("latin-1") for h in re.findall(r"\\\\?x((?:[0-9a-f]{2}){4,})", text))
    return text + unhexed
