import pytest

from tests import people


@pytest.fixture
def cast(db: None) -> people.Cast:
    return people.build_tree()
