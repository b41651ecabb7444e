"""Figures. A fact is a text "dim:key" that a member or a movement bears as long as its row stands ("sex:2", "born:198803:2").

`Delta` rows are signed changes of facts at a member's own node, written inside the transaction of the change. `Rollup` holds, for
every node, the counts of its whole subtree; the figure of a node is its roll-up plus the deltas below it not yet folded in.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from orgs.models import path_field


class Delta(models.Model):
    """`n` times these facts more (or less) at this node. Appended by writers, taken by the folder, never changed."""

    path = path_field()
    facts = ArrayField(models.TextField())
    n = models.IntegerField()

    class Meta:
        db_table = "insight_delta"
        default_permissions = ()
        indexes = [models.Index(fields=["path"], name="insight_delta_path")]

    def __str__(self) -> str:
        return f"{self.path} {self.n:+d}"


class Rollup(models.Model):
    """The counts of one dimension over the whole subtree of a node: `ns[i]` people bear `keys[i]`; keys rise, no count is 0."""

    pk = models.CompositePrimaryKey("path", "dim")
    path = path_field()
    dim = models.CharField(max_length=12, db_collation="C")
    keys = ArrayField(models.TextField())
    ns = ArrayField(models.IntegerField())

    class Meta:
        db_table = "insight_rollup"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.path} {self.dim}"


class MonthEnd(models.Model):
    """A roll-up as it stood at the end of a month (`month` is its last day), under the path the node has today."""

    pk = models.CompositePrimaryKey("path", "month", "dim")
    path = path_field()
    month = models.DateField()
    dim = models.CharField(max_length=12, db_collation="C")
    keys = ArrayField(models.TextField())
    ns = ArrayField(models.IntegerField())

    class Meta:
        db_table = "insight_monthend"
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.path} {self.month} {self.dim}"


class KeptMonth(models.Model):
    """Which month ends are kept: copied when the month closed, or reckoned back later from files and movements."""

    month = models.DateField(primary_key=True)
    reckoned = models.BooleanField(default=False)
    kept_at = models.DateTimeField(auto_now=True)

    class Meta:
        db_table = "insight_keptmonth"
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.month)
