"""A new person in one of the three posts, from the server: the old account closes, the new one gets a one-time code."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.domain.founding import NewAdministrator, replace_administrator
from accounts.models import User
from core.commands import Command as Base
from core.commands import os_user, usage


class Command(Base):
    help = "Replace one of the three administrators (三员)."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("former", metavar="LOGIN", help="login of the administrator who leaves the post")
        parser.add_argument("successor", metavar="LOGIN:NAME", help="login and name of the new person")
        parser.add_argument("--reason", required=True)

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        former = User.objects.filter(username=options["former"]).first()
        username, colon, name = options["successor"].partition(":")
        if former is None or not former.administrator:
            raise usage("没有这个三员账号")
        if not (username and colon and name):
            raise usage("新的管理员写作 登录名:姓名")
        person = NewAdministrator(former.administrator, username, name)
        issued = replace_administrator(former, person, options["reason"], os_user=os_user())
        expires = issued.expires_at.isoformat()
        return {"post": former.administrator, "username": username, "code": issued.code, "expires_at": expires}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write(f"{result['username']} 已接任，启用码 {result['code']}，只用一次，请当面交给本人。")
