from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("members", "0002_initial")]

    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["org_path"], name="members_contested", condition=models.Q(("contested", True))),
        ),
    ]
