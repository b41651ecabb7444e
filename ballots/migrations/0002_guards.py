"""What the database itself refuses, whoever is connected: a change of the chain, of the roll, of a frozen vote.

As for the audit record the triggers fire in every replication role; TRUNCATE is let through in databases named test_… only.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION ballots_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: ballots are append-only', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ballots_guard_roll() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE stands text;
BEGIN
    SELECT phase INTO stands FROM ballots_poll WHERE id = (CASE TG_OP WHEN 'DELETE' THEN OLD.poll_id ELSE NEW.poll_id END);
    IF TG_OP = 'UPDATE' OR stands <> 'ceremony' THEN
        RAISE EXCEPTION '% on %: the roll is frozen', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;

CREATE FUNCTION ballots_guard_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE stands text;
BEGIN
    SELECT phase INTO stands FROM ballots_poll WHERE id = NEW.poll_id;
    IF NEW.kind = 'Ballot' AND stands <> 'open' THEN
        RAISE EXCEPTION 'a ballot outside of the vote' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION ballots_guard_poll() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.phase <> 'draft' AND (
        NEW.uuid, NEW.code, NEW.organization_id, NEW.title, NEW.description, NEW.layout_record, NEW.mode, NEW.revote, NEW.slips,
        NEW.token_public
    ) IS DISTINCT FROM (
        OLD.uuid, OLD.code, OLD.organization_id, OLD.title, OLD.description, OLD.layout_record, OLD.mode, OLD.revote, OLD.slips,
        OLD.token_public
    ) THEN
        RAISE EXCEPTION 'what is voted on is fixed' USING ERRCODE = 'restrict_violation';
    END IF;
    IF (OLD.phase NOT IN ('draft', 'ceremony', 'ready') OR (OLD.phase = 'ready' AND NEW.phase <> 'ceremony')) AND (
        NEW.threshold, NEW.registrar_id, NEW.roll_size, NEW.trustees_text, NEW.election_text, NEW.fingerprint, NEW.rehearsal
    ) IS DISTINCT FROM (
        OLD.threshold, OLD.registrar_id, OLD.roll_size, OLD.trustees_text, OLD.election_text, OLD.fingerprint, OLD.rehearsal
    ) THEN
        RAISE EXCEPTION 'the vote is frozen' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""
DROP_FUNCTIONS = """
DROP FUNCTION ballots_guard_poll();
DROP FUNCTION ballots_guard_chain();
DROP FUNCTION ballots_guard_roll();
DROP FUNCTION ballots_refuse_change();
"""
TRIGGERS = (
    ("ballots_event", "append_only", "BEFORE UPDATE OR DELETE", "ROW", "ballots_refuse_change"),
    ("ballots_text", "append_only", "BEFORE UPDATE OR DELETE", "ROW", "ballots_refuse_change"),
    ("ballots_event", "guard", "BEFORE INSERT", "ROW", "ballots_guard_chain"),
    ("ballots_rollentry", "guard", "BEFORE INSERT OR UPDATE OR DELETE", "ROW", "ballots_guard_roll"),
    ("ballots_poll", "guard", "BEFORE UPDATE", "ROW", "ballots_guard_poll"),
    ("ballots_event", "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "ballots_refuse_change"),
    ("ballots_text", "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "ballots_refuse_change"),
    ("ballots_rollentry", "no_truncate", "BEFORE TRUNCATE", "STATEMENT", "ballots_refuse_change"),
)


def make(table: str, name: str, moment: str, each: str, function: str) -> str:
    when = "WHEN (current_database() NOT LIKE 'test\\_%')" if each == "STATEMENT" else ""
    return (
        f"CREATE TRIGGER {table}_{name} {moment} ON {table} FOR EACH {each} {when} EXECUTE FUNCTION {function}();"
        f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {table}_{name};"
    )


class Migration(migrations.Migration):
    dependencies = [("ballots", "0001_initial")]
    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        *(migrations.RunSQL(make(*one), f"DROP TRIGGER {one[0]}_{one[1]} ON {one[0]};") for one in TRIGGERS),
    ]
