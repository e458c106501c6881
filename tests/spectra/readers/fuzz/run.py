"""Case by number: which file, which accident, what became of it."""

from collections import Counter
from dataclasses import dataclass
from functools import cache
from random import Random

from spectra.readers import read
from spectra.readers.reading import Reading, UnreadableFile
from tests.spectra.readers.fuzz.judge import judge
from tests.spectra.readers.fuzz.mutations import MUTATIONS, Mutation
from tests.spectra.readers.fuzz.seeds import seeds


@dataclass(frozen=True)
class Case:
    reader: str
    number: int
    name: str
    seed: bytes
    mutation: Mutation
    mutated: bytes

    def run(self) -> Reading | UnreadableFile:
        """Judge the case; a failure says how to see it again."""
        try:
            return judge(
                self.reader, truth(self.reader, self.name), self.seed, self.mutated, self.name, self.mutation.claim
            )
        except (AssertionError, MemoryError) as fault:
            again = f"python -m tests.spectra.readers.fuzz {self.reader} {self.number}"
            raise AssertionError(f"{self.name}, {self.mutation.name}: {fault or 'memory'} ({again})") from fault


@cache
def truth(reader: str, name: str) -> Reading | UnreadableFile:
    """What the whole file says."""
    try:
        return read(dict(seeds()[reader])[name], name)
    except UnreadableFile as refusal:
        return refusal


def case(reader: str, number: int) -> Case:
    """Case ``number`` of a reader: always the same file, as long as seeds and mutations are."""
    luck = Random(f"{reader} {number}")
    name, seed = luck.choice(seeds()[reader])
    other = luck.choice(luck.choice(list(seeds().values())))[1]
    for step in range(len(MUTATIONS)):
        mutation = MUTATIONS[(number + step) % len(MUTATIONS)]
        mutated = mutation.make(seed, luck, other)
        if mutated is not None and mutated != seed:
            return Case(reader, number, name, seed, mutation, mutated)
    raise AssertionError(f"no mutation applies to {name}")


def run_cases(reader: str, n: int) -> Counter:
    """Judge the first ``n`` cases; how many were read, and how many refused."""
    made = Counter()
    for number in range(n):
        made["refused" if isinstance(case(reader, number).run(), UnreadableFile) else "read"] += 1
    return made
