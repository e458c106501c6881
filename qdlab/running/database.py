"""Wait for the database of a lab of several machines, and bring its schema up to date exactly once.

``python -m qdlab.running.database migrate|wait``: ``migrate`` holds an advisory lock of PostgreSQL, so that of several
containers that start together one migrates and the others find it done; ``wait`` returns when the schema is current.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

PATIENCE_S = float(os.environ.get("QDLAB_DATABASE_PATIENCE_S", "300"))
LOCK = 0x51444C6162  # "QDLab"; any number that no other program uses on this database


def wait_for_database(patience_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + patience_s
    while True:
        try:
            connection.ensure_connection()
            return
        except OperationalError as problem:
            if time.monotonic() > deadline:
                sys.exit(f"The database of DATABASE_URL does not answer: {problem}")
            time.sleep(0.5)


def migrate() -> None:
    wait_for_database()
    with only_one_migrates():
        call_command("migrate", interactive=False, verbosity=0)


@contextmanager
def only_one_migrates() -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


def wait_for_schema(patience_s: float = PATIENCE_S) -> None:
    """Return when every migration that this program knows has been applied (by the web container)."""
    wait_for_database(patience_s)
    deadline = time.monotonic() + patience_s
    while unapplied():
        if time.monotonic() > deadline:
            sys.exit("The database has not been migrated. Start the web container, or run: docker/entrypoint migrate")
        time.sleep(0.5)


def unapplied() -> list:
    executor = MigrationExecutor(connection)
    return executor.migration_plan(executor.loader.graph.leaf_nodes())


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qdlab.settings")
    django.setup()
    {"migrate": migrate, "wait": wait_for_schema}[sys.argv[1]]()
