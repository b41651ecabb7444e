from collections.abc import Callable
from pathlib import Path

import pytest

from core import installation
from tests.exchange.rosters import Roster
from tests.people import Cast


@pytest.fixture(autouse=True)
def demo(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of region 99 are accepted: the samples and the cast hold no others."""
    monkeypatch.setattr(installation, "_sources", [lambda: True])


@pytest.fixture(autouse=True)
def uploads(settings, tmp_path: Path) -> Path:
    """Uploaded files go into the test's own folder."""
    settings.DATA_DIR = tmp_path
    (tmp_path / "uploads").mkdir()
    return tmp_path / "uploads"


@pytest.fixture
def roster(cast: Cast) -> Callable[..., Roster]:
    return lambda: Roster(cast)
