from django.core.management.base import BaseCommand, CommandError

from qdlab.records import audit, store
from qdlab.records.models import AuditChain, Blob


class Command(BaseCommand):
    help = "Checks every stored file against its sha256, and every audit chain against its hashes. Changes nothing."

    def handle(self, **options):
        problems = [*self._files(), *self._chains()]
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError(f"{len(problems)} problems found. Restore the named files from a backup.")
        self.stdout.write(f"{Blob.objects.count()} files and {AuditChain.objects.count()} audit chains are whole.")

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
