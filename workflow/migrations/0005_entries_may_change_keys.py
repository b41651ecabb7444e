"""The timeline stays append-only, but what it holds under seal may be written anew under another key: that and nothing else.

A sealed value is bound to its row, so nothing else than what stood there can be put in its place.
"""

from django.db import migrations

FORWARD = """
CREATE OR REPLACE FUNCTION workflow_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (to_jsonb(NEW) - 'data_sealed') = (to_jsonb(OLD) - 'data_sealed')
            AND NEW.data_sealed IS NOT NULL AND OLD.data_sealed IS NOT NULL THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION '% on %: the timeline of a case is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""
BACKWARD = """
CREATE OR REPLACE FUNCTION workflow_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: the timeline of a case is append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("workflow", "0004_due_key")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
