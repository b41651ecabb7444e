"""What was assessed may follow a person into the file that stays when two are merged, by a transaction that says so; nothing else."""

from django.db import migrations

FORWARD = """
DROP TRIGGER dues_assessment_append_only ON dues_assessment;
CREATE TRIGGER dues_assessment_follow BEFORE UPDATE ON dues_assessment FOR EACH ROW EXECUTE FUNCTION dues_follow_only();
CREATE TRIGGER dues_assessment_kept BEFORE DELETE ON dues_assessment FOR EACH ROW EXECUTE FUNCTION dues_books_never_change();
ALTER TABLE dues_assessment ENABLE ALWAYS TRIGGER dues_assessment_follow;
ALTER TABLE dues_assessment ENABLE ALWAYS TRIGGER dues_assessment_kept;
"""
BACKWARD = """
DROP TRIGGER dues_assessment_kept ON dues_assessment;
DROP TRIGGER dues_assessment_follow ON dues_assessment;
CREATE TRIGGER dues_assessment_append_only BEFORE UPDATE OR DELETE ON dues_assessment
    FOR EACH ROW EXECUTE FUNCTION dues_refuse_change();
"""


class Migration(migrations.Migration):
    dependencies = [("dues", "0011_payments")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
