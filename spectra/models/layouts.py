from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import SharedQuerySet
from qdlab.records.models import Identified, Versioned


class Layout(Identified, Versioned):
    """What the columns of one kind of table are, said once; the whole lab uses it.

    It is found again by ``fingerprint`` (see ``readers.layouts``), and holds labels and choices, never data or names of
    files. ``marks`` are hashes of what the program writes above the columns. Its own ``version`` is told by each reading.
    """

    name = models.CharField(_("name"), max_length=120)
    fingerprint = models.CharField(_("fingerprint"), max_length=16)
    labels = models.JSONField(_("labels of the columns"), default=list)
    marks = models.JSONField(default=list, blank=True)
    n_columns = models.PositiveIntegerField(_("columns"))
    reader = models.CharField(_("instead of the reader"), max_length=40, blank=True)
    mapping = models.JSONField(_("columns"), default=dict)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = SharedQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        indexes = [models.Index(fields=["fingerprint"], name="layout_fingerprint")]

    def __str__(self):
        return self.name
