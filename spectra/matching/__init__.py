"""Where a file belongs: which sample or standard, in which role, with which dilution label; each guess with its reason.

``clues`` is what a file tells; ``guess.guess_of`` weighs the evidence, in this order:

1. ``codes``: a code, an id or the address of a page in its title, comment or name;
2. ``patterns``: the project's naming patterns;
3. ``words`` and ``habits``: names of standards, and what people put right before;
4. ``neighbours``: what the same person measured on the same instrument just before and after;
5. the person's open batch.

``contents`` says what the curve itself shows (an instrument response), ``pairing`` which spectra of a group belong together,
``knowledge`` asks the database what is known in a project, ``target`` answers for one file that was just read, and ``groups`` for
everything that waits. Only a guess of at least ``guess.SURE`` puts a file on its sample by itself; all others wait for a person.
"""
