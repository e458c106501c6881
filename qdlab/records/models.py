from django.db import models
from django.utils.translation import gettext_lazy as _

from qdlab.records.identifiers import uuid7


class Blob(models.Model):
    """The bytes of a file, named by what they are. Written once, never altered, never deleted by the program."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField(auto_now_add=True)

    def __str__(self):
        return f"{self.sha256[:12]}… ({self.size} bytes)"


class AuditChain(models.Model):
    """The head of one project's chain of audit events (``project_id`` null: the lab's own)."""

    key = models.CharField(max_length=36, primary_key=True)
    length = models.BigIntegerField(default=0)
    head = models.CharField(max_length=64, default="")

    def __str__(self):
        return f"{self.key}: {self.length} events"


class AuditEvent(models.Model):
    """Who did what to which record, and when; each event carries the hash of the one before it in its chain."""

    chain = models.CharField(max_length=36)  # a plain value: records needs no project to exist
    number = models.BigIntegerField()
    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=150)
    via = models.CharField(max_length=16)
    action = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    previous = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["chain", "number"], name="audit_one_event_per_number")]
        indexes = [models.Index(fields=["subject_type", "subject_id", "id"], name="audit_of_subject")]

    def __str__(self):
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor}: {self.action} {self.subject_type} {self.subject_id}"


class Versioned(models.Model):
    """A record that two people may edit: its version rises with each change (see ``versions.change``)."""

    version = models.PositiveIntegerField(_("version"), default=1, editable=False)

    class Meta:
        abstract = True


class Identified(models.Model):
    """A record whose identifier may be shown: UUIDv7, with its times."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    changed_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        abstract = True


class IdempotentAnswer(models.Model):
    """What a POST with an Idempotency-Key was answered, so that the same request is not carried out twice."""

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=128)
    request_digest = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)  # null while the first request is still running
    body = models.JSONField(null=True)
    headers = models.JSONField(default=dict)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="one_answer_per_key")]

    def __str__(self):
        return f"{self.key}: {self.status}"


class Change(models.Model):
    """A note from a lower layer that a record changed, for whoever keeps something derived from it (see ``outbox``)."""

    kind = models.CharField(max_length=24)
    subject_id = models.CharField(max_length=36)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "subject_id"], name="change_of_subject")]

    def __str__(self):
        return f"{self.kind} {self.subject_id} changed"


class Heartbeat(models.Model):
    """When a part of QDLab was last seen at work, so that ``/healthz`` can tell a silent worker."""

    name = models.CharField(max_length=24, primary_key=True)
    at = models.DateTimeField()

    def __str__(self):
        return f"{self.name} at {self.at}"
