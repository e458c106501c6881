"""The Celery application. Messages only wake a worker; what there is to do stands in the database (see spectra/queue.py)."""

import os

from celery import Celery
from celery.signals import worker_ready

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qdlab.settings")

app = Celery("qdlab")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect
def free_what_killed_children_held(sender, **_more) -> None:
    """Let a worker outlive ``kill -9`` of its idle pool child.

    Without a broker's event loop (the file transport) pool children wait for work with a lock in their hands. One that is
    killed there never gives it back, and its successor would wait for it for ever, while the worker looks well. When no child
    is left alive, nobody can rightly hold it.
    """
    pool = getattr(sender.pool, "_pool", None)
    if not hasattr(pool, "_repopulate_pool"):
        return
    repopulate = pool._repopulate_pool

    def with_free_locks(exit_codes):
        if exit_codes and not pool._pool:
            for lock in (getattr(pool._inqueue, "_rlock", None), getattr(pool._outqueue, "_wlock", None)):
                if lock is not None:
                    lock.acquire(False)
                    lock.release()
        repopulate(exit_codes)

    pool._repopulate_pool = with_free_locks
