import uuid
from types import SimpleNamespace

import pytest
from django.db import connection, transaction


@pytest.fixture
def officer() -> SimpleNamespace:
    """An actor as accounts.User looks to this app: plain values."""
    return SimpleNamespace(uuid=uuid.uuid4(), full_name="王书记", username="wang", kind="officer", administrator="")


@pytest.fixture(autouse=True)
def own_places(settings, tmp_path) -> None:
    """Each test has a keyring and an anchor folder of its own."""
    settings.KEYRING_FILE = str(tmp_path / "keyring.json")
    settings.AUDIT_ANCHOR_DIR = str(tmp_path / "anchors")


@pytest.fixture
def as_superuser(transactional_db):
    """SQL past the triggers, as the owner of the database could run it."""
    tables = ("audit_auditrecord", "audit_auditseal")

    def run(*statements: str) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
            for statement in statements:
                cursor.execute(statement)
            for table in tables:
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_append_only")
                cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_no_truncate")

    return run
