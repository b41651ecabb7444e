"""Registrations that were merged: what was filed of them, an import under way, and the whole taken out."""

import io
from pathlib import Path

import pytest

from core.errors import Conflict
from exchange.domain import sealed_stream
from exchange.domain.loading import load_taken_out
from exchange.models import FiledRow
from exchange.official import template
from members.domain import batch as batches
from members.domain.drafts import columns_of
from members.domain.roll import change_branch
from members.enums import EnrolGround, MovementKind, Standing
from members.models import Member, MemberDraft, Movement
from orgs.models import Organization
from tests.exchange.test_filings import filed, rows_of
from tests.exchange.test_taking_out import PHRASE, again_out, archive, assert_same, emptied, records_of
from tests.members.test_batch import facts_of
from tests.members.twins import DAY, fresh, merged, twin
from tests.people import Cast, user


def test_what_was_filed_of_the_other_was_filed_of_this_person(cast: Cast) -> None:
    """Filed under the one that goes: the superior hears of a change, not of somebody gone and somebody new."""
    other = twin(cast)
    change_branch(fresh(other), cast.other_branch, actor=cast["department"], reason="调整", version=fresh(other).version)
    filed(cast)  # 陈望舒 of the first branch is known above
    back = fresh(other)
    change_branch(back, cast.sibling, actor=cast["department"], reason="调整", version=back.version)
    kept = merged(cast, other, cast.members["chen"], id_number="gone")
    made = filed(cast)
    assert set(rows_of(made)) == {"陈望舒"}
    assert (made.filing.counts["changed"], made.filing.counts["gone"], made.filing.counts["new"]) == (1, 0, 0)
    assert FiledRow.objects.filter(member_uuid=kept.uuid).count() == 2
    assert not FiledRow.objects.filter(member_uuid=cast.members["chen"].uuid).exists()
    assert filed(cast) is None


def test_where_both_were_filed_one_is_told_as_gone(cast: Cast) -> None:
    other = twin(cast)
    filed(cast)
    merged(cast, cast.members["chen"], other)
    made = filed(cast)
    assert made.filing.counts["gone"] == 1
    assert set(rows_of(made, template("members19").gone_sheet)) == {"陈望舒"}


def test_an_import_that_rests_on_a_merged_registration_is_not_taken_back(cast: Cast) -> None:
    chen = cast.members["chen"]
    made = MemberDraft(organization=cast.sibling, org_path=cast.sibling.path, batch=chen.uuid, row_no=2)
    facts = facts_of("陈望舒", sex="2", birth_date=chen.birth_date, joined_on=chen.joined_on, converted_on=chen.converted_on)
    for column, value in (columns_of(facts, made.uuid, as_of=DAY) | {"id_number_sealed": None, "id_blind": None}).items():
        setattr(made, column, value)
    made.id_unverified = "只有旧证"
    made.save()
    batches.enter(chen.uuid, actor=cast["committee"], ground=EnrolGround.REGISTRY_BUILD, reason="导入")
    merged(cast, chen, Member.objects.get(uuid=made.uuid))
    with pytest.raises(Conflict, match="又有办理"):
        batches.take_back(chen.uuid, actor=cast["committee"], reason="导错了")


def test_a_merged_registration_goes_along_when_all_is_taken_out(
    cast: Cast, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_stream, "COST", {"n": 1 << 4, "r": 8, "p": 1})
    merged(cast, twin(cast), cast.members["chen"], id_number="gone")
    before = archive(cast)
    emptied()
    settings.KEYRING_FILE = str(tmp_path / "another-keyring.json")
    load_taken_out(io.BytesIO(before), PHRASE, actor=user("newsystem", "新系统管理员", administrator="system"))
    closed = Member.ever.get(standing=Standing.MERGED)
    assert closed.merged_into == Member.objects.get(name="陈望舒")
    assert Movement.objects.get(kind=MovementKind.CORRECTED).registration == closed
    assert_same(records_of(before), records_of(again_out(Organization.objects.get(name="样东区委"))))
