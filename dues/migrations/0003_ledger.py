"""The books: written once, together, and summing to zero, whoever is connected.

Triggers fire in every replication role. TRUNCATE is let through in databases named test_… only, where the test runner empties all
tables between tests. What may change is `org_path` and `member_id`, by a transaction that says it is following the tree or a file.
"""

import uuid

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

FUNCTIONS = """
CREATE FUNCTION dues_books_never_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% on %: the books are never changed, only reversed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION dues_follow_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('dues.following', true) = 'on'
       AND to_jsonb(OLD) - 'org_path' - 'member_id' = to_jsonb(NEW) - 'org_path' - 'member_id' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% on %: the books are never changed, only reversed', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE FUNCTION dues_sums_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lines integer; total numeric;
BEGIN
    SELECT count(*), sum(amount) INTO lines, total FROM dues_posting WHERE transaction_id = NEW.id;
    IF lines < 2 OR total <> 0 THEN
        RAISE EXCEPTION 'transaction %: % lines sum to %', NEW.key, lines, total USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION dues_keep_balances() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM dues_transaction t WHERE t.id IN (SELECT transaction_id FROM added) AND t.opened_in <> txid_current()) THEN
        RAISE EXCEPTION 'postings are written together with their transaction' USING ERRCODE = 'restrict_violation';
    END IF;
    INSERT INTO dues_balancedelta (path, account, month, amount)
    SELECT p.org_path, p.account, coalesce(p.month, date_trunc('month', t.booked_on)::date), sum(p.amount)
    FROM added p JOIN dues_transaction t ON t.id = p.transaction_id GROUP BY 1, 2, 3 HAVING sum(p.amount) <> 0;
    RETURN NULL;
END $$;
"""
TRIGGERS = """
CREATE TRIGGER dues_transaction_follow BEFORE UPDATE ON dues_transaction FOR EACH ROW EXECUTE FUNCTION dues_follow_only();
CREATE TRIGGER dues_posting_follow BEFORE UPDATE ON dues_posting FOR EACH ROW EXECUTE FUNCTION dues_follow_only();
CREATE TRIGGER dues_transaction_kept BEFORE DELETE ON dues_transaction FOR EACH ROW EXECUTE FUNCTION dues_books_never_change();
CREATE TRIGGER dues_posting_kept BEFORE DELETE ON dues_posting FOR EACH ROW EXECUTE FUNCTION dues_books_never_change();
CREATE TRIGGER dues_transaction_no_truncate BEFORE TRUNCATE ON dues_transaction FOR EACH STATEMENT
    WHEN (current_database() NOT LIKE 'test\\_%') EXECUTE FUNCTION dues_books_never_change();
CREATE TRIGGER dues_posting_no_truncate BEFORE TRUNCATE ON dues_posting FOR EACH STATEMENT
    WHEN (current_database() NOT LIKE 'test\\_%') EXECUTE FUNCTION dues_books_never_change();
CREATE CONSTRAINT TRIGGER dues_transaction_zero AFTER INSERT ON dues_transaction DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION dues_sums_to_zero();
CREATE TRIGGER dues_posting_balances AFTER INSERT ON dues_posting REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION dues_keep_balances();
ALTER TABLE dues_transaction ENABLE ALWAYS TRIGGER dues_transaction_follow;
ALTER TABLE dues_posting ENABLE ALWAYS TRIGGER dues_posting_follow;
ALTER TABLE dues_transaction ENABLE ALWAYS TRIGGER dues_transaction_kept;
ALTER TABLE dues_posting ENABLE ALWAYS TRIGGER dues_posting_kept;
ALTER TABLE dues_transaction ENABLE ALWAYS TRIGGER dues_transaction_no_truncate;
ALTER TABLE dues_posting ENABLE ALWAYS TRIGGER dues_posting_no_truncate;
"""
DROP = """
DROP FUNCTION dues_books_never_change() CASCADE;
DROP FUNCTION dues_follow_only() CASCADE;
DROP FUNCTION dues_sums_to_zero() CASCADE;
DROP FUNCTION dues_keep_balances() CASCADE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("dues", "0002_assessments_append_only"),
        ("members", "0007_no_file_of_administrators"),
        ("orgs", "0008_capabilities_of_dues"),
    ]

    operations = [
        migrations.CreateModel(
            name="Balance",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "path", "account", "month", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("path", models.CharField(db_collation="C", max_length=64)),
                ("account", models.CharField(max_length=16)),
                ("month", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="金额")),
            ],
            options={
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="BalanceDelta",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("path", models.CharField(db_collation="C", max_length=64)),
                ("account", models.CharField(max_length=16)),
                ("month", models.DateField()),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="金额")),
            ],
            options={
                "default_permissions": (),
                "indexes": [models.Index(fields=["path"], name="dues_balancedelta_path")],
            },
        ),
        migrations.CreateModel(
            name="Transaction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "uuid",
                    models.UUIDField(
                        db_default=models.Func(function="gen_random_uuid"), default=uuid.uuid4, editable=False, unique=True
                    ),
                ),
                ("kind", models.CharField(max_length=16, verbose_name="种类")),
                ("booked_on", models.DateField(verbose_name="记账日期")),
                ("org_path", models.CharField(db_collation="C", max_length=64)),
                ("key", models.CharField(max_length=160, unique=True)),
                ("actor_uuid", models.UUIDField(null=True)),
                ("actor_name", models.CharField(db_default="", max_length=64, verbose_name="经办人")),
                ("words", models.CharField(blank=True, db_default="", max_length=200, verbose_name="摘要")),
                ("document_no", models.CharField(blank=True, db_default="", max_length=60, verbose_name="凭据")),
                ("recorded_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("opened_in", models.BigIntegerField(db_default=models.Func(function="txid_current"), editable=False)),
                (
                    "org",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organization",
                        verbose_name="记账组织",
                    ),
                ),
                (
                    "reverses",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="reversal",
                        to="dues.transaction",
                    ),
                ),
            ],
            options={
                "verbose_name": "党费账",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("account", models.CharField(max_length=16)),
                ("org_path", models.CharField(db_collation="C", max_length=64)),
                ("month", models.DateField(null=True)),
                ("amount", models.DecimalField(decimal_places=2, max_digits=14, verbose_name="金额")),
                (
                    "member",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="members.member",
                    ),
                ),
                ("org", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="orgs.organization")),
                (
                    "transaction",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="postings", to="dues.transaction"
                    ),
                ),
            ],
            options={
                "verbose_name": "分录",
                "default_permissions": (),
            },
        ),
        migrations.AddIndex(
            model_name="transaction",
            index=models.Index(fields=["org_path", "booked_on"], name="dues_transaction_path"),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(
                condition=models.Q(("member__isnull", False)),
                fields=["member", "month"],
                include=("account", "org", "amount"),
                name="dues_posting_member",
            ),
        ),
        migrations.AddIndex(
            model_name="posting",
            index=models.Index(fields=["org_path", "account", "month"], name="dues_posting_path"),
        ),
        migrations.AddConstraint(
            model_name="posting",
            constraint=models.CheckConstraint(condition=models.Q(("amount", 0), _negated=True), name="dues_posting_not_nothing"),
        ),
        migrations.RunSQL(FUNCTIONS, DROP),
        migrations.RunSQL(TRIGGERS, migrations.RunSQL.noop),
    ]
