import pytest

from accounts.enums import AccountKind
from tests import people


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch) -> people.Cast:
    """The tree and its officers without the roll (orgs stands below members), and one member's login."""
    monkeypatch.setattr(people, "_members", lambda cast: None)
    made = people.build_cast()
    made.people["m-chen"] = people.user("m-chen", "陈望舒", kind=AccountKind.MEMBER)
    return made
