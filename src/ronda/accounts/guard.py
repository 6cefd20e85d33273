"""What makes the database itself refuse to change the audit trail.

Rows may be added. They may be deleted only while `AuditDoor` has a row (`service.chain.trim`), and
changed in two ways: linked into the chain, once, and parted from a person who is deleted.
"""

from typing import Any

from ronda.accounts.fingerprints import COVERED

TABLE = "accounts_auditrow"
DOOR = "accounts_auditdoor"
REFUSED = "the audit trail is append-only"
UPDATE, DELETE, TRUNCATE = (f"{TABLE}_no_{verb}" for verb in ("update", "delete", "truncate"))


def put(connection: Any) -> None:
    """Create the triggers, in place of former ones; does nothing before the table exists."""
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        remove(connection)
        for statement in _sqlite() if connection.vendor == "sqlite" else _postgres():
            cursor.execute(statement)


def remove(connection: Any) -> None:
    """Drop the triggers; for what replaces the whole table."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            for name in (UPDATE, DELETE):
                cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        else:
            cursor.execute("DROP FUNCTION IF EXISTS ronda_audit_guard() CASCADE")


def stands(connection: Any) -> bool:
    """Whether every trigger is there and in force."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s", [TABLE]
            )
            return {UPDATE, DELETE} <= {row[0] for row in cursor.fetchall()}
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass(%s) AND tgenabled <> 'D'",
            [TABLE],
        )
        return {UPDATE, DELETE, TRUNCATE} <= {row[0] for row in cursor.fetchall()}


_SQLITE_UPDATE = """
CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN {changed}
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
_SQLITE_DELETE = """
CREATE TRIGGER {name} BEFORE DELETE ON {table} WHEN NOT EXISTS (SELECT 1 FROM {door})
BEGIN SELECT RAISE(ABORT, '{refused}'); END
"""
# The comparison lies in the function: a trigger's own condition would forbid later migrations to
# alter the columns it names, and cannot look into another table.
_POSTGRES_FUNCTION = """
CREATE FUNCTION ronda_audit_guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'UPDATE' THEN IF NOT ({changed}) THEN RETURN NEW; END IF; END IF;
  IF TG_OP = 'DELETE' THEN IF EXISTS (SELECT 1 FROM {door}) THEN RETURN OLD; END IF; END IF;
  RAISE EXCEPTION '{refused}' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
_POSTGRES_TRIGGER = (
    "CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH {each}"
    " EXECUTE FUNCTION ronda_audit_guard()"
)


def _sqlite() -> list[str]:
    words = {"table": TABLE, "door": DOOR, "refused": REFUSED, "changed": _changed("IS NOT")}
    return [
        _SQLITE_UPDATE.format(name=UPDATE, **words),
        _SQLITE_DELETE.format(name=DELETE, **words),
    ]


def _postgres() -> list[str]:
    changed = _changed("IS DISTINCT FROM")
    return [
        _POSTGRES_FUNCTION.format(door=DOOR, refused=REFUSED, changed=changed),
        *(
            _POSTGRES_TRIGGER.format(name=name, verb=verb, each=each, table=TABLE)
            for name, verb, each in (
                (UPDATE, "UPDATE", "ROW"),
                (DELETE, "DELETE", "ROW"),
                (TRUNCATE, "TRUNCATE", "STATEMENT"),
            )
        ),
    ]


def _changed(distinct: str) -> str:
    """SQL: this update changes what it must not; `distinct` compares two values, NULL being one."""
    covered = [f'NEW."{name}" {distinct} OLD."{name}"' for name in (*COVERED, "stamp")]
    parted = f"(NEW.person_id IS NOT NULL AND NEW.person_id {distinct} OLD.person_id)"
    moved = f"NEW.position {distinct} OLD.position OR NEW.fingerprint {distinct} OLD.fingerprint"
    return " OR ".join([*covered, parted, f"(OLD.position IS NOT NULL AND ({moved}))"])
