"""A real start: the top node and the three administrators, each with a one-use activation code. There is no superuser."""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from accounts.domain.codes import IssuedCode
from accounts.domain.founding import POSTS, NewAdministrator, create_administrators
from accounts.enums import Administrator
from core.commands import Command as Base
from core.commands import os_user, usage
from orgs.domain.founding import found


class Command(Base):
    help = "Found an installation: top organisation and the three administrators (三员)."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True, help="full name of the top organisation, as on its seal")
        parser.add_argument("--short-name", default="")
        parser.add_argument("--code", required=True, help="its official code")
        parser.add_argument("--document-no", required=True)
        parser.add_argument("--established-on", required=True, metavar="YYYY-MM-DD")
        for post in POSTS:
            parser.add_argument(f"--{post}", required=True, metavar="LOGIN:NAME", help=f"the {post} administrator")

    @transaction.atomic
    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        people = [self._person(post, options[post]) for post in POSTS]
        top = found(
            name=options["name"], short_name=options["short_name"], code=options["code"], document_no=options["document_no"],
            established_on=_day(options["established_on"]), actor_name=os_user(),
        )  # fmt: skip
        issued = create_administrators(people, os_user=os_user())
        codes = [_sheet_line(one) for one in issued]
        return {"organization": {"code": top.code, "name": top.name}, "activation_codes": codes}, 0

    def print_result(self, result: dict[str, Any]) -> None:
        top = result["organization"]
        self.stdout.write(f"已建立 {top['name']}（{top['code']}）。三员的启用码各用一次，请当面交给本人：")
        for line in result["activation_codes"]:
            self.stdout.write(f"  {Administrator(line['post']).label}  {line['username']}  {line['code']}")

    def _person(self, post: str, text: str) -> NewAdministrator:
        login, colon, name = text.partition(":")
        if not (login and colon and name):
            raise usage("三员写作 登录名:姓名")
        return NewAdministrator(post, login, name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise usage("日期写作 2026-11-22") from error


def _sheet_line(issued: IssuedCode) -> dict[str, str]:
    user, until = issued.user, issued.expires_at.isoformat()
    return {"post": str(user.administrator), "username": user.username, "code": issued.code, "expires_at": until}
