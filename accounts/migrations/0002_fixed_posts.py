from django.db import migrations, models

REFUSE = """
CREATE FUNCTION accounts_refuse_other_post() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the kind and the administrator post of an account are fixed when it is created'
        USING ERRCODE = 'check_violation', CONSTRAINT = 'accounts_fixed_post';
END $$;
CREATE TRIGGER accounts_fixed_post BEFORE UPDATE OF kind, administrator ON accounts_user
FOR EACH ROW WHEN (OLD.kind IS DISTINCT FROM NEW.kind OR OLD.administrator IS DISTINCT FROM NEW.administrator)
EXECUTE FUNCTION accounts_refuse_other_post();
"""
UNDO = "DROP TRIGGER accounts_fixed_post ON accounts_user; DROP FUNCTION accounts_refuse_other_post();"


class Migration(migrations.Migration):
    """An account never turns into another one (rules.md §11.2), and wrong tries of every sort share one table."""

    dependencies = [("accounts", "0001_initial")]

    operations = [
        migrations.RunSQL(REFUSE, UNDO),
        migrations.RenameModel("FailedActivation", "FailedTry"),
        migrations.RemoveIndex("failedtry", "accounts_failed_activation"),
        migrations.RenameField("failedtry", "address", "key"),
        migrations.AlterField("failedtry", "key", models.CharField(max_length=80)),
        migrations.AddIndex("failedtry", models.Index(fields=["key", "at"], name="accounts_failed_try")),
    ]
