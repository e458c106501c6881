from django.core.management.base import BaseCommand, CommandError

from qdlab.access.models import Project
from qdlab.demo import lab, report, requests
from synthesis.models import Batch


class Command(BaseCommand):
    help = "Prints the demo's computed numbers beside the true ones, with u and the deviation in units of u."

    def handle(self, **options):
        project = Project.objects.filter(name=lab.PROJECT).first()
        if project is None:
            raise CommandError("There is no demo lab here. Make one with: make demo")
        batches = list(Batch.objects.filter(project=project).order_by("pk"))
        found = report.lines(batches)
        if requests.are_made(project):
            found += report.further_lines(project)
        self.stdout.write(report.table(found))
        within = sum(line.agrees for line in found)
        missing = sum(line.value is None for line in found)
        self.stdout.write(f"\n{within} of {len(found)} numbers lie within 2 u of the truth; {missing} are not given.")
        for sentence in report.notes(batches):
            self.stdout.write(sentence)
