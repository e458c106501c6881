from django.core.management.base import BaseCommand, CommandError

from qdlab.records import audit, store
from qdlab.records.formatting import file_size
from qdlab.records.models import AuditChain, Blob

A_DAY_S = 24 * 3600


class Command(BaseCommand):
    help = (
        "Checks every stored file against its sha256, and every audit chain against its hashes. Changes nothing, unless it is "
        "asked to remove what was left unfinished."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--remove-unfinished",
            action="store_true",
            help="remove what broken-off uploads left behind more than a day ago",
        )

    def handle(self, *, remove_unfinished, **options):
        self._unfinished(remove_unfinished)
        problems = [*self._files(), *self._chains()]
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems found. Restore the named files from a backup.")
        self.stdout.write(f"{Blob.objects.count()} files and {AuditChain.objects.count()} audit chains are whole.")

    def _unfinished(self, remove: bool) -> None:
        """Broken-off uploads harm nothing but the room they take."""
        left = store.unfinished(older_than_s=A_DAY_S)
        if not left:
            return
        size = file_size(sum(path.stat().st_size for path in left))
        for path in left:
            self.stdout.write(f"{path} was left unfinished{', removed' if remove else ''}")
            if remove:
                path.unlink(missing_ok=True)
        if not remove:
            self.stdout.write(f"{size} are taken by broken-off uploads: check_files --remove-unfinished frees them.")

    def _files(self):
        for sha256 in Blob.objects.values_list("sha256", flat=True).order_by("sha256").iterator(chunk_size=1000):
            try:
                store.verified_path(sha256)
            except store.Damaged as damage:
                yield str(damage)

    def _chains(self):
        for key in AuditChain.objects.values_list("key", flat=True):
            broken = audit.broken_links(key)
            if broken:
                yield f"audit chain {key}: events {broken[:10]} do not fit"
