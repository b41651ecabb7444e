"""Reading `--actor` and `--org` of our commands."""

from django.core.management.base import CommandParser

from accounts.models import User
from core.commands import usage
from orgs.models import Organization


def add_actor(parser: CommandParser) -> None:
    parser.add_argument("--actor", required=True, metavar="USER", help="login name of the person who answers for it")


def add_org(parser: CommandParser) -> None:
    parser.add_argument("--org", required=True, metavar="CODE", help="code of the organisation, as valid today")


def actor(username: str) -> User:
    found = User.objects.filter(username=username, is_active=True).first()
    if found is None:
        raise usage(f"没有生效的账号：{username}")
    return found


def organization(code: str) -> Organization:
    found = Organization.objects.filter(code=code).first()
    if found is None:
        raise usage(f"没有这个组织代码：{code}")
    return found
