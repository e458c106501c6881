"""QDLab: notebook, database and analysis bench of a quantum-dot group.

Layers, from the ground up: ``records`` (raw files, audit, versions) ‹ ``access`` (people, projects, tokens) ‹ ``synthesis`` ‹
``spectra`` ‹ ``dashboards`` (what joins recipes with results) ‹ ``urls`` and ``api``. Left never imports right.
"""

from qdlab.celery import app as celery_app

__all__ = ["celery_app"]
