"""The tree, its past, its units and its readings of the rules go along; grants and seals are told of."""

from django.apps import apps
from django.db.models import QuerySet

from core.taking_out import stay, take, tell


def _units(path: str, upper: str) -> QuerySet:
    links = apps.get_model("orgs.Organization_units").objects.filter(organization__path__gte=path, organization__path__lt=upper)
    return apps.get_model("orgs.Unit").objects.filter(pk__in=links.values("unit"))


take("orgs.Unit", rows=_units)
take("orgs.Organization", "path", order_by=("depth", "path"))
take("orgs.Organization_units", "organization__path")
take("orgs.OrganizationVersion", "organization__path")
take("orgs.CommitteeTerm", "organization__path")
take("orgs.LocalParameter", "organization__path")
tell("orgs.Reorganisation", "organization__path")
tell("orgs.Grant", "organization__path")
tell("orgs.Seal", "organization__path")
stay("orgs.Role", "角色由各个平台自己定；授权的记载里写明角色的名称和权限")
stay("orgs.Installation", "说的是这个平台，不是组织")
stay("orgs.ApiToken", "是钥匙，不带出")
