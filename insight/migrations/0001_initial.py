"""Tables of figures, and the functions that say which facts a member or a movement bears: their only source."""

import django.contrib.postgres.fields
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION insight_month(d date) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT lpad((extract(year FROM d) * 100 + extract(month FROM d))::int::text, 6, '0') $$;

-- What is counted about a person on a day (infinity: as the file stands), whether on the roll or not.
CREATE FUNCTION insight_traits(m members_member, day date) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
SELECT ARRAY[
  'all:',
  'sex:' || m.sex,
  'born:' || insight_month(m.birth_date) || ':' || m.sex,
  'edu:' || m.education,
  'nation:' || m.nation,
  'job:' || m.job,
  'cat:' || CASE WHEN m.standing = 'probationary' OR m.converted_on > day OR (m.converted_on IS NULL AND m.standing <> 'full')
                 THEN 'probationary' ELSE 'full' END,
  'since:' || CASE WHEN m.counted_from <= day THEN insight_month(m.counted_from) ELSE '' END,
  'joined:' || insight_month(m.joined_on)]
  || CASE WHEN m.lost_on <= day THEN ARRAY['lost:'] ELSE ARRAY[]::text[] END
  || CASE WHEN m.is_floating THEN ARRAY['floating:'] ELSE ARRAY[]::text[] END
  || CASE WHEN m.id_unverified <> '' THEN ARRAY['unverified:'] ELSE ARRAY[]::text[] END
  || CASE WHEN m.standing = 'probationary' THEN ARRAY['probation:' || insight_month(m.joined_on)
       || lpad(extract(day FROM m.joined_on)::int::text, 2, '0')] ELSE ARRAY[]::text[] END
$$;

-- The same for who is on the roll now (members.enums.ON_ROLL); nothing for anybody else.
CREATE FUNCTION insight_facts(m members_member) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
SELECT CASE WHEN m.standing IN ('probationary', 'full') THEN insight_traits(m, 'infinity'::date) ELSE ARRAY[]::text[] END
$$;

CREATE FUNCTION insight_event(v members_movement) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT 'ev:' || insight_month(v.happened_on) || ':' || v.kind $$;

-- An organisation of this kind stands here.
CREATE FUNCTION insight_organization(kind text) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT 'org:' || kind $$;
"""
UNDO = """
DROP FUNCTION insight_organization(text);
DROP FUNCTION insight_event(members_movement);
DROP FUNCTION insight_facts(members_member);
DROP FUNCTION insight_traits(members_member, date);
DROP FUNCTION insight_month(date);
"""


def path_field():
    return models.CharField(db_collation="C", max_length=64)


def packed():
    return [
        ("dim", models.CharField(db_collation="C", max_length=12)),
        ("keys", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
        ("ns", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(), size=None)),
    ]


class Migration(migrations.Migration):
    initial = True
    dependencies = [("members", "0002_initial"), ("orgs", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTIONS, UNDO),
        migrations.CreateModel(
            name="Delta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", path_field()),
                ("facts", django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None)),
                ("n", models.IntegerField()),
            ],
            options={
                "db_table": "insight_delta",
                "default_permissions": (),
                "indexes": [models.Index(fields=["path"], name="insight_delta_path")],
            },
        ),
        migrations.CreateModel(
            name="Rollup",
            fields=[
                ("pk", models.CompositePrimaryKey("path", "dim", blank=True, editable=False, primary_key=True, serialize=False)),
                ("path", path_field()),
                *packed(),
            ],
            options={"db_table": "insight_rollup", "default_permissions": ()},
        ),
        migrations.CreateModel(
            name="MonthEnd",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "path", "month", "dim", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("path", path_field()),
                ("month", models.DateField()),
                *packed(),
            ],
            options={"db_table": "insight_monthend", "default_permissions": ()},
        ),
        migrations.CreateModel(
            name="KeptMonth",
            fields=[
                ("month", models.DateField(primary_key=True, serialize=False)),
                ("reckoned", models.BooleanField(default=False)),
                ("kept_at", models.DateTimeField(auto_now=True)),
            ],
            options={"db_table": "insight_keptmonth", "default_permissions": ()},
        ),
    ]
