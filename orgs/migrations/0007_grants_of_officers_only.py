from django.db import migrations

REFUSE = """
CREATE FUNCTION orgs_refuse_holder() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM accounts_user u WHERE u.id = NEW.user_id AND (u.administrator <> '' OR u.kind <> 'officer')) THEN
        RAISE EXCEPTION 'one of the three administrators, or a member, holds no grant'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'orgs_grant_of_officer';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orgs_grant_of_officer BEFORE INSERT OR UPDATE OF user_id ON orgs_grant
FOR EACH ROW EXECUTE FUNCTION orgs_refuse_holder();
CREATE TRIGGER orgs_permission_of_officer BEFORE INSERT OR UPDATE OF user_id ON orgs_organizationuserpermission
FOR EACH ROW EXECUTE FUNCTION orgs_refuse_holder();
"""
UNDO = """
DROP TRIGGER orgs_permission_of_officer ON orgs_organizationuserpermission;
DROP TRIGGER orgs_grant_of_officer ON orgs_grant;
DROP FUNCTION orgs_refuse_holder();
"""

# An installation that was founded before there was a second factor gets the policy that a founding writes today.
REQUIRE = """
INSERT INTO accounts_factorpolicy (subject, required, reason, changed_by, changed_at)
SELECT s.subject, s.subject <> 'member', '升级时按建立平台的规定', '', statement_timestamp()
FROM (VALUES ('officer'), ('system'), ('security'), ('audit'), ('member')) s(subject)
WHERE EXISTS (SELECT 1 FROM orgs_installation WHERE NOT is_demo)
ON CONFLICT (subject) DO NOTHING;
"""


class Migration(migrations.Migration):
    """The database itself refuses a grant to one of 三员 or to a member (rules.md §11.2)."""

    dependencies = [("orgs", "0006_api_tokens"), ("accounts", "0003_second_factor")]

    operations = [migrations.RunSQL(REFUSE, UNDO), migrations.RunSQL(REQUIRE, migrations.RunSQL.noop)]
