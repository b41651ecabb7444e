from django.db import migrations

REFUSE = """
CREATE FUNCTION members_refuse_login() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = NEW.user_id AND u.administrator <> '') THEN
        RAISE EXCEPTION 'the account of one of the three administrators is nobody else''s, so no member''s either'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'members_login_of_no_administrator';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER members_login_of_no_administrator BEFORE INSERT OR UPDATE OF user_id ON members_member
FOR EACH ROW WHEN (NEW.user_id IS NOT NULL) EXECUTE FUNCTION members_refuse_login();
"""
UNDO = "DROP TRIGGER members_login_of_no_administrator ON members_member; DROP FUNCTION members_refuse_login();"


class Migration(migrations.Migration):
    """The three administrators are nobody else (三员, rules.md §11.2): their accounts open no member's file."""

    dependencies = [("members", "0006_attachments"), ("accounts", "0003_second_factor")]

    operations = [migrations.RunSQL(REFUSE, UNDO)]
