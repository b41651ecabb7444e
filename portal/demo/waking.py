"""What a fresh process does before it may import models."""

import django


def wake() -> None:
    django.setup()
