"""What was assessed is never edited: a correction is a new revision. TRUNCATE is let through in databases named test_… only."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION dues_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: rows of the books are append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER dues_assessment_append_only BEFORE UPDATE OR DELETE ON dues_assessment
    FOR EACH ROW EXECUTE FUNCTION dues_refuse_change();
CREATE TRIGGER dues_assessment_no_truncate BEFORE TRUNCATE ON dues_assessment FOR EACH STATEMENT
    WHEN (current_database() NOT LIKE 'test\\_%') EXECUTE FUNCTION dues_refuse_change();
"""
BACKWARD = """
DROP TRIGGER dues_assessment_no_truncate ON dues_assessment;
DROP TRIGGER dues_assessment_append_only ON dues_assessment;
DROP FUNCTION dues_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("dues", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
