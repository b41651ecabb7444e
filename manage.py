#!/usr/bin/env python
"""Command-line door of the platform; every command starts the embedded database if it needs it."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dangwu.settings")
    from django.conf import settings  # noqa: PLC0415 - after the variable that names them
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415
    from django.core.management import execute_from_command_line  # noqa: PLC0415

    try:
        settings.DATA_DIR  # noqa: B018 - reads the environment; Django itself would go on without settings
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as fault:
        sys.stderr.write(f"{fault}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
