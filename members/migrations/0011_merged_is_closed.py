from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

CLOSED = models.Q(standing="merged", id_blind__isnull=True)
STANDS = models.Q(("standing", "merged"), _negated=True) & models.Q(merged_into__isnull=True)


class Migration(migrations.Migration):
    """Rows that are loaded from another installation learn what they point to only after they stand."""

    atomic = False
    dependencies = [("members", "0010_decisions_of_standing")]

    operations = [
        migrations.RemoveConstraint(model_name="member", name="members_merged_into_one"),
        AddConstraintNotValid(
            model_name="member", constraint=models.CheckConstraint(condition=CLOSED | STANDS, name="members_merged_is_closed")
        ),
        ValidateConstraint(model_name="member", name="members_merged_is_closed"),
    ]
