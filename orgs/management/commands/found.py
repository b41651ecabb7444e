"""A real start: the top node and the three administrators, each with a one-use activation code. There is no superuser."""

from datetime import date
from typing import Any

from accounts.domain.founding import create_administrators
from django.core.management.base import CommandParser
from django.db import transaction

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
        for post in ("system", "security", "audit"):
            parser.add_argument(f"--{post}", required=True, metavar="LOGIN:NAME", help=f"the {post} administrator")

    @transaction.atomic
    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        people = {post: self._person(options[post]) for post in ("system", "security", "audit")}
        if len({login for login, _ in people.values()}) != 3:
            raise usage("三员必须是三个不同的人")
        top = found(
            name=options["name"], short_name=options["short_name"], code=options["code"], document_no=options["document_no"],
            established_on=date.fromisoformat(options["established_on"]), actor_name=os_user(),
        )  # fmt: skip
        codes = create_administrators(people)
        return {"organization": {"code": top.code, "name": top.name}, "activation_codes": codes}, 0

    def _person(self, text: str) -> tuple[str, str]:
        login, colon, name = text.partition(":")
        if not (login and colon and name):
            raise usage("三员写作 登录名:姓名")
        return login, name
