from django.contrib.postgres.operations import AddIndexConcurrently, ValidateConstraint
from django.db import migrations, models


def given(model: str, column: str, name: str) -> AddIndexConcurrently:
    index = models.Index(condition=models.Q((f"{column}__isnull", False)), fields=[column], name=name)
    return AddIndexConcurrently(model_name=model, index=index)


class Migration(migrations.Migration):
    """Built beside the people who work: nobody waits for them."""

    atomic = False
    dependencies = [("members", "0008_merging")]

    operations = [
        given("member", "merged_into", "members_merged"),
        given("movement", "registration", "members_counted_under"),
        ValidateConstraint(model_name="member", name="members_merged_into_one"),
    ]
