import hypothesis
import pytest

from tests.people import Cast, build_cast

# How long an example took says something about the machine, nothing about the rule; fixtures are shared between examples.
hypothesis.settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.load_profile("house")


@pytest.fixture
def cast(db: None) -> Cast:
    return build_cast()


@pytest.fixture
def as_person(client, cast):
    """A signed-in client: `as_person("secretary")`."""

    def sign_in(name: str):
        from django.test import Client

        fresh = Client()
        if name != "anonymous":
            fresh.force_login(cast[name], backend="accounts.backends.AccountBackend")
        return fresh

    return sign_in


def pytest_terminal_summary(terminalreporter) -> None:
    """The size of the permission matrix, said where nobody can overlook it."""
    from tests.house.matrix import PEOPLE
    from tests.house.matrix_rows import ROWS

    cells = sum(len(row.methods) for row in ROWS.values()) * len(PEOPLE)
    terminalreporter.write_line(f"权限矩阵：{len(ROWS)} 个网址 × {len(PEOPLE)} 人，共 {cells} 次请求")


def pytest_addoption(parser) -> None:
    parser.addoption("--database-only", action="store_true", help="only tests that ask the database: for the second PostgreSQL")


def pytest_collection_modifyitems(config, items) -> None:
    if not config.getoption("--database-only"):
        return
    asks = {"db", "transactional_db"}
    kept = [i for i in items if asks & set(i.fixturenames) or i.get_closest_marker("django_db")]
    config.hook.pytest_deselected(items=[i for i in items if i not in kept])
    items[:] = kept
