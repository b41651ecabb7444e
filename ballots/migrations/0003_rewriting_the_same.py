"""A row of the box may be written again as it is: that changes nothing of it but the hidden column that tells when it was written."""

from django.db import migrations

HEAD = "CREATE OR REPLACE FUNCTION ballots_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
SAME = """
    IF TG_OP = 'UPDATE' THEN
        IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
        END IF;
    END IF;
"""
REFUSE = """
    RAISE EXCEPTION '% on %: ballots are append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("ballots", "0002_guards")]
    operations = [migrations.RunSQL(HEAD + SAME + REFUSE, HEAD + REFUSE)]
