"""Every reference to a member says what becomes of it when two registrations of one person are merged."""

from simple_history.models import HistoricalChanges

from core.registry import registry
from members.models import Member


def references() -> set[str]:
    """Foreign keys to a member, hidden ones too; versions of the past keep what they said."""
    found = [f for f in Member._meta.get_fields(include_hidden=True) if f.auto_created and not f.concrete and f.is_relation]
    return {f"{f.related_model._meta.label}.{f.field.name}" for f in found if not issubclass(f.related_model, HistoricalChanges)}


def test_every_reference_to_a_member_is_answered() -> None:
    assert references() - set(registry.merge_answers) == set(), "members/README.md, Merging"


def test_no_answer_outlives_its_reference() -> None:
    assert set(registry.merge_answers) - references() == set()
