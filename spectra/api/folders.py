"""``/source-folders/`` and ``/found-files/``: what is watched or imported, and what became of each file."""

from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from qdlab.access.api.fields import Output
from qdlab.access.api.resources import Resource
from qdlab.access.lookups import Field
from spectra import selectors, services
from spectra.api.notes import sentence
from spectra.models import FoundFile, SourceFolder


class SourceFolderOut(Output):
    by = serializers.StringRelatedField()
    problem = serializers.SerializerMethodField(help_text="why the folder cannot be looked through, as a sentence")
    silent = serializers.BooleanField(source="is_silent", help_text="somebody should be looking, and nobody is")
    n_waiting = serializers.IntegerField()
    n_failed = serializers.IntegerField()
    n_taken = serializers.IntegerField()

    class Meta:
        model = SourceFolder
        fields = [
            "id", "project", "path", "mode", "instrument", "by", "looked_at", "stopped_at", "silent", "problem",
            "n_waiting", "n_failed", "n_taken", "created_at",
        ]  # fmt: skip

    def get_problem(self, folder) -> str | None:
        return sentence(folder.problem)


class SourceFolders(Resource):
    """Folders that a command watches or imported."""

    serializer_class = SourceFolderOut
    default_order = "created_at"
    filters = {
        "project": Field("project", "uuid"),
        "path": Field("path"),
        "mode": Field("mode"),
        "created_at": Field("created_at", "datetime"),
    }

    def seen(self):
        return selectors.source_folders(self.request.user, forgotten=self.action != "list")

    @action(detail=True, methods=["post"])
    def forget(self, request, pk):
        """Nobody looks into this folder any more; what it gave stays."""
        services.forget_folder(by=request.user, folder=self.get_object())
        return Response(status=204)


class FoundFileOut(Output):
    reason = serializers.SerializerMethodField(help_text="why it is not taken, or what is to know about it")
    changed_there_at = serializers.DateTimeField(help_text="as its disk says; no date of measurement")

    class Meta:
        model = FoundFile
        fields = [
            "id", "folder", "path", "size", "changed_there_at", "state", "reason", "upload", "earlier", "try_again_at",
            "settled_at", "created_at",
        ]  # fmt: skip

    def get_reason(self, row) -> str | None:
        return sentence(row.reason)


class FoundFiles(Resource):
    """What was seen in these folders, each file with what became of it."""

    serializer_class = FoundFileOut
    default_order = "created_at"
    filters = {
        "folder": Field("folder", "uuid"),
        "project": Field("folder__project", "uuid"),
        "path": Field("path"),
        "state": Field("state"),
        "upload": Field("upload", "uuid"),
        "size": Field("size", "integer"),
        "created_at": Field("created_at", "datetime"),
    }

    def seen(self):
        return selectors.found_files(self.request.user)
