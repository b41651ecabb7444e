"""Django's PostgreSQL back end on the server from the wheel, started at the first connection."""

from typing import Any

from django.db.backends.postgresql import base

from .server import connection_host


class DatabaseWrapper(base.DatabaseWrapper):
    def get_connection_params(self) -> dict[str, Any]:
        params = super().get_connection_params()
        params["host"] = connection_host(self.settings_dict["PGDATA"], self.settings_dict.get("BOOTSTRAP", "dangwu"))
        return params
