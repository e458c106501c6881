"""What Celery runs for the dashboards. The index is also renewed by whoever asks, so a lost message costs nothing."""

from celery import shared_task

from qdlab.dashboards import index


@shared_task(name="qdlab.dashboards.tasks.refresh_index")
def refresh_index() -> int:
    """Take up what changed in batches since the last time."""
    return index.refresh_changed()
