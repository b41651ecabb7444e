"""Why can X see Y: `explain_access USER CAPABILITY ORG --json` answers with the grants, or with what stands against it."""

from typing import Any

from django.core.management.base import CommandParser

from accounts.enums import Administrator
from accounts.models import User
from audit.domain import record
from core import access
from core.commands import Command as Base
from core.commands import usage
from orgs import commands
from orgs.enums import Capability
from orgs.explaining import verdict
from orgs.models import Organization


class Command(Base):
    help = "Explain why a person holds, or does not hold, a capability on an organisation."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="login name of the person asked about")
        parser.add_argument("capability", metavar="CAPABILITY")
        parser.add_argument("org", metavar="ORG", help="code of the organisation, as valid today")
        parser.add_argument("--actor", metavar="USER", help="who asks; without it the server's operator does")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise usage(f"没有这个账号：{options['user']}")
        if options["capability"] not in Capability.values:
            raise usage(f"没有这项权限：{options['capability']}。可以是：{'、'.join(Capability.values)}")
        node = commands.organization(options["org"])
        actor = commands.actor(options["actor"]) if options["actor"] else None
        if actor is not None:
            _require_may_ask(actor, node)
        answer = verdict(user, options["capability"], node)
        details = {"capability": options["capability"], "organization": node.name, "allowed": answer.allowed}
        record("explain_access", actor=actor, kind="account", subject=user.uuid, path=node.path, details=details)
        return answer.as_json(), 0

    def print_result(self, result: dict[str, Any]) -> None:
        self.stdout.write("可以。" if result["allowed"] else "不可以。")
        for reason in result["because"]:
            self.stdout.write(f"  {reason['text']}")


def _require_may_ask(actor: User, node: Organization) -> None:
    """As on the pages: the security administrator anywhere, others where they may see who holds what."""
    if actor.administrator != Administrator.SECURITY:
        access.require(actor, Capability.VIEW_ACCESS, node.path)
