"""The Celery application. Messages only wake a worker; what there is to do stands in the database (see spectra/queue.py)."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "qdlab.settings")

app = Celery("qdlab")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
