from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified


class InstrumentSettings(Identified):
    """A project's settings of one method for all new measurements of one instrument.

    Never edited: other settings are the next ``number``, and the earlier ones end, so that a result can say by which it
    was computed.
    """

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="instrument_settings")
    instrument = models.ForeignKey("spectra.Instrument", models.PROTECT, related_name="settings")
    method = models.CharField(_("method"), max_length=40)
    number = models.PositiveIntegerField(_("version"))
    parameters = models.JSONField(_("parameters"), default=dict)
    made_by = models.ForeignKey("access.User", models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.ForeignKey("access.User", models.PROTECT, null=True, blank=True, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "instrument settings"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "instrument", "method"],
                condition=Q(ended_at=None),
                name="one_set_of_settings_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["project", "instrument", "method", "number"], name="one_settings_per_number"
            ),
        ]

    def __str__(self):
        return f"{self.method} on {self.instrument}, version {self.number}"
