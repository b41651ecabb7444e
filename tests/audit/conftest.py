import uuid
from types import SimpleNamespace

import pytest


@pytest.fixture
def officer() -> SimpleNamespace:
    """An actor as accounts.User looks to this app: plain values."""
    return SimpleNamespace(uuid=uuid.uuid4(), full_name="王书记", username="wang", kind="officer", administrator="")


@pytest.fixture(autouse=True)
def own_places(settings, tmp_path) -> None:
    """Each test has a keyring and an anchor folder of its own."""
    settings.KEYRING_FILE = str(tmp_path / "keyring.json")
    settings.AUDIT_ANCHOR_DIR = str(tmp_path / "anchors")
