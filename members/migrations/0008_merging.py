import uuid

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models

STANDINGS = [
    ("probationary", "预备党员"), ("full", "正式党员"), ("suspended", "停止党籍"), ("removed", "已出党"), ("left", "已退党"),
    ("transferred", "已转出"), ("deceased", "已去世"), ("merged", "已并入另一份登记"),
]  # fmt: skip
MERGED = models.Q(standing="merged", merged_into__isnull=False, id_blind__isnull=True)
STANDS = models.Q(("standing", "merged"), _negated=True) & models.Q(merged_into__isnull=True)


def standing_of(model: str) -> migrations.AlterField:
    field = models.CharField(choices=STANDINGS, max_length=16, verbose_name="党籍")
    return migrations.AlterField(model_name=model, name="standing", field=field)


def to_member(on_delete: object, **options: object) -> models.ForeignKey:
    return models.ForeignKey(on_delete=on_delete, to="members.member", **options)


class Migration(migrations.Migration):
    """One person's registrations are merged: the one that goes stays as a closed row. Indexes follow in 0009."""

    dependencies = [
        ("members", "0007_no_file_of_administrators"),
        ("orgs", "0007_grants_of_officers_only"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="NotTheSame",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("uuid", models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ("first", to_member(django.db.models.deletion.CASCADE, related_name="told_apart")),
                ("second", to_member(django.db.models.deletion.CASCADE, related_name="told_apart_from")),
                ("reason", models.CharField(max_length=200, verbose_name="依据")),
                ("decided_by", models.CharField(max_length=64, verbose_name="认定人")),
                ("decided_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "verbose_name": "不是同一人的认定",
                "default_permissions": (),
                "constraints": [
                    models.UniqueConstraint(fields=("first", "second"), name="members_told_apart_once"),
                    models.CheckConstraint(
                        condition=models.Q(("first__lt", models.F("second"))), name="members_told_apart_in_order"
                    ),
                ],
            },
        ),
        migrations.AddField(
            model_name="member",
            name="merged_into",
            field=to_member(
                django.db.models.deletion.PROTECT,
                db_index=False,
                editable=False,
                null=True,
                related_name="merged",
                verbose_name="并入",
            ),  # fmt: skip
        ),
        migrations.AddField(
            model_name="movement",
            name="registration",
            field=to_member(django.db.models.deletion.PROTECT, db_index=False, editable=False, null=True, related_name="+"),
        ),
        standing_of("historicalmember"),
        standing_of("member"),
        standing_of("memberdraft"),
        AddConstraintNotValid(
            model_name="member", constraint=models.CheckConstraint(condition=MERGED | STANDS, name="members_merged_into_one")
        ),
    ]
