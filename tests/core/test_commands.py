"""The contract of commands: what stands in the place of Django's own."""

import pytest
from django.core.management import CommandError, call_command, get_commands


def test_createsuperuser_only_says_what_to_use_instead() -> None:
    assert get_commands()["createsuperuser"] == "core"
    with pytest.raises(CommandError, match="没有超级用户") as refused:
        call_command("createsuperuser")
    assert refused.value.returncode == 2
