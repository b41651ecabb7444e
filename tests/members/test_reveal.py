"""Sensitive values: shown one by one, for a reason, and the person can read who looked."""

from datetime import UTC, datetime

import pytest

from audit.queries import lookups_of
from core.errors import DomainError, Missing, NotAllowed
from members.domain.reveal import reveal
from tests.people import Cast

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def test_reveal_shows_the_value_and_leaves_a_line(cast: Cast) -> None:
    chen = cast.members["chen"]
    assert reveal(chen, "id_number", actor=cast["secretary"], reason="contact", note="核对号码") == chen.id_number
    (look,) = lookups_of(chen.uuid, since=LONG_AGO)
    assert "核对号码" in look.reason
    assert look.organization == "第一党支部·党支部书记"


@pytest.mark.parametrize(
    ("who", "error"), [("organizer", NotAllowed), ("reader", NotAllowed), ("neighbour", Missing), ("expired", Missing)]
)
def test_reveal_is_refused_without_the_capability(cast: Cast, who: str, error: type[DomainError]) -> None:
    chen = cast.members["chen"]
    with pytest.raises(error):
        reveal(chen, "id_number", actor=cast[who], reason="contact")
    assert list(lookups_of(chen.uuid, since=LONG_AGO)) == []


def test_reveal_asks_for_a_reason(cast: Cast) -> None:
    chen = cast.members["chen"]
    for reason, note in (("", ""), ("other", " ")):
        with pytest.raises(DomainError, match="理由"):
            reveal(chen, "phone", actor=cast["secretary"], reason=reason, note=note)
