import json
import os

from django.conf import settings
from django.core.management.base import BaseCommand

from qdlab import environment
from qdlab.demo import lab
from qdlab.records.audit import acting_through


class Command(BaseCommand):
    help = "Builds the demo lab through the services that people use. A lab that is there already is kept as it is."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=lab.SEED, help="seed of the simulated instruments")

    def handle(self, *, seed, **options):
        if lab.is_built():
            self.stdout.write("The demo lab is there already; it is kept as it is.")
            return
        with acting_through("command"):
            facts = lab.build(seed, say=lambda text: self.stdout.write(f"  {text}"))
        path = settings.DATA_DIR / "people.json"
        temporary = path.with_suffix(".new")
        with open(temporary, "w", opener=environment.open_private) as file:
            json.dump(facts, file, indent=2)
        os.replace(temporary, path)
        self.stdout.write("The demo lab is built; the worker reads and analyses its files now.")
