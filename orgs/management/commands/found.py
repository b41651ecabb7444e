"""A real start: the top node and the three administrators, each with a one-use activation code. There is no superuser.

With `--for-take-out` the three alone: the tree comes with the archive that `load_taken_out` loads.
"""

from datetime import date
from typing import Any

from django.core.management.base import CommandParser
from django.db import transaction

from accounts.domain.codes import IssuedCode
from accounts.domain.founding import POSTS, NewAdministrator, create_administrators
from accounts.enums import Administrator
from core.commands import Command as Base
from core.commands import os_user, usage
from orgs.domain.founding import found, require_empty
from orgs.models import Organization

TREE = ("name", "code", "document_no", "established_on")


class Command(Base):
    help = "Found an installation: top organisation and the three administrators (三员)."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--for-take-out", action="store_true", help="no organisation: one that was taken out will be loaded")
        parser.add_argument("--name", default="", help="full name of the top organisation, as on its seal")
        parser.add_argument("--short-name", default="")
        parser.add_argument("--code", default="", help="its official code")
        parser.add_argument("--document-no", default="")
        parser.add_argument("--established-on", default="", metavar="YYYY-MM-DD")
        for post in POSTS:
            parser.add_argument(f"--{post}", required=True, metavar="LOGIN:NAME", help=f"the {post} administrator")

    @transaction.atomic
    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        people = [self._person(post, options[post]) for post in POSTS]
        top = self._tree(options)
        issued = create_administrators(people, os_user=os_user())
        codes = [_sheet_line(one) for one in issued]
        return {"organization": top and {"code": top.code, "name": top.name}, "activation_codes": codes}, 0

    def _tree(self, options: dict[str, Any]) -> Organization | None:
        given = [f"--{name.replace('_', '-')}" for name in (*TREE, "short_name") if options[name]]
        if options["for_take_out"]:
            if given:
                raise usage(f"--for-take-out 不建组织，不能同时写 {'、'.join(given)}")
            require_empty()
            return None
        if missing := [f"--{name.replace('_', '-')}" for name in TREE if not options[name]]:
            raise usage(f"请写明 {'、'.join(missing)}；要装入带出的资料，写 --for-take-out")
        return found(
            name=options["name"], short_name=options["short_name"], code=options["code"], document_no=options["document_no"],
            established_on=_day(options["established_on"]), actor_name=os_user(),
        )  # fmt: skip

    def print_result(self, result: dict[str, Any]) -> None:
        top = result["organization"]
        done = f"已建立 {top['name']}（{top['code']}）" if top else "已建立三员，没有建立组织，等待装入（load_taken_out）"
        self.stdout.write(f"{done}。三员的启用码各用一次，请当面交给本人：")
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
