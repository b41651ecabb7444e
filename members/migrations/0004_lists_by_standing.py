from django.conf import settings
from django.db import migrations, models

NOT_FULL = models.Q(("standing", "full"), _negated=True)


def listed(name: str, *first: str) -> migrations.AddIndex:
    index = models.Index(condition=NOT_FULL, fields=[*first, "standing", "name_sort", "id"], name=name)
    return migrations.AddIndex(model_name="member", index=index)


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_held_for_checking"),
        ("orgs", "0002_versions_keep_attributes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        listed("members_other"),
        listed("members_other2", "level2"),
        listed("members_other3", "level3"),
        listed("members_other4", "level4"),
    ]
