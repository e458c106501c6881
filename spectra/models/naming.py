from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from qdlab.access.visibility import ProjectQuerySet
from qdlab.records.models import Identified, Versioned


class NamingPattern(Identified, Versioned):
    """How a project names its files, e.g. ``{batch}_{technique}_d{dilution}`` (see ``spectra.matching.patterns``)."""

    project = models.ForeignKey("access.Project", models.PROTECT, related_name="naming_patterns")
    text = models.CharField(_("pattern"), max_length=160)
    position = models.PositiveIntegerField(_("place"), default=0)  # tried from the lowest to the highest
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "text"], condition=Q(archived_at=None), name="one_naming_pattern_per_text",
                violation_error_message=_("This project already has this pattern."),
            )
        ]  # fmt: skip

    def __str__(self):
        return self.text


class Habit(Identified):
    """What a clue means in a project: told by a person (``told``), or learnt from what people corrected.

    The clue is a ``word`` in a file's title, comment or name, or the ``shape`` of files of an instrument (reader, axes and
    header, as a fingerprint). ``times`` counts how often people said so, ``against`` how often they said otherwise.
    """

    class Clue(models.TextChoices):
        WORD = "word", _("word")
        SHAPE = "shape", _("kind of file")

    class Says(models.TextChoices):
        SAMPLE = "sample", _("sample")
        TECHNIQUE = "technique", _("technique")
        ROLE = "role", _("of what")
        STANDARD = "standard", _("standard")

    project = models.ForeignKey("access.Project", models.CASCADE, related_name="habits")
    instrument = models.ForeignKey("spectra.Instrument", models.CASCADE, null=True, blank=True, related_name="habits")
    clue = models.CharField(_("clue"), max_length=5, choices=Clue.choices)
    key = models.CharField(max_length=80)  # the word in small letters, or the fingerprint
    shown = models.CharField(_("clue"), max_length=160)  # the same for people
    says = models.CharField(_("says"), max_length=9, choices=Says.choices)
    value = models.CharField(_("meaning"), max_length=36)  # a technique, a role, or the id of the sample or standard
    told = models.BooleanField(_("told"), default=False)
    times = models.PositiveIntegerField(_("times"), default=0)
    against = models.PositiveIntegerField(_("times otherwise"), default=0)
    learnt_by = models.ForeignKey("access.User", models.PROTECT, related_name="+")

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-told", "shown", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["project", "clue", "key", "says", "value", "instrument"], nulls_distinct=False, name="one_habit_per_meaning"
            )
        ]  # fmt: skip

    def __str__(self):
        return f"{self.shown} → {self.value}"
