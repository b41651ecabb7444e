"""A real worker on a real broker: a redis-server of our own, or the folder that embedded mode uses."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from django.db import connection
from kombu import pools
from kombu.transport import filesystem

from dangwu.celery import app
from tests.celery.processes import Worker, redis_server
from tests.people import Cast, build_cast

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.celery)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """Committed, so that the worker sees it."""
    return build_cast()


@pytest.fixture(scope="module", params=[pytest.param("redis", marks=pytest.mark.redis), "filesystem"])
def worker(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, django_db_setup: None) -> Iterator[Worker]:
    """One worker for all tests on one broker; this process sends to the same broker instead of doing the work itself."""
    folder = tmp_path_factory.mktemp(request.param)
    for part in ("uploads", "broker", "processed"):
        (folder / part).mkdir()
    with ExitStack() as stack:
        broker = "filesystem://"
        if request.param == "redis":
            broker = stack.enter_context(redis_server(shutil.which("redis-server"), folder))
        running = Worker(broker, folder, str(connection.settings_dict["NAME"]))
        stack.callback(running.stop)
        running.start()
        stack.enter_context(sending_to(broker, folder))
        yield running


@contextmanager
def sending_to(broker: str, folder: Path) -> Iterator[None]:
    """While open, tasks of this process are sent to `broker`."""
    here = str(folder / "broker")
    files = {"data_folder_in": here, "data_folder_out": here, "processed_folder": str(folder / "processed")}
    files["control_folder"] = str(folder / "control")
    before = {name: app.conf[name] for name in ("task_always_eager", "broker_url", "broker_transport_options")}
    forget_connections()
    app.conf.update(task_always_eager=False, broker_url=broker, broker_transport_options={} if "redis" in broker else files)
    yield
    forget_connections()
    app.conf.update(before)


def forget_connections() -> None:
    """The next message opens its connection anew, by the settings of then, and binds its queue in the folder of then.

    A process that remembers its queue as bound, in a folder of before, would send into nothing.
    """
    pools.reset()  # a closed pool kept under the same address would answer the next eager task
    app._pool = app.amqp._producer_pool = None
    filesystem.Transport.global_state.clear()


@pytest.fixture(autouse=True)
def uploads(worker: Worker, settings) -> Iterator[None]:
    """Uploaded files lie where the worker looks for them. What the worker said is shown beside a failure."""
    settings.DATA_DIR = worker.folder
    yield
    sys.stdout.write(worker.text()[-4000:])
