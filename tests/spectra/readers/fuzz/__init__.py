"""Files broken and lied about by the thousand, and the judge of what may still be read from them.

``seeds`` says what is mutated, ``mutations`` how, ``judge`` what must hold; ``run`` numbers the cases, so that each can be
repeated: ``python -m tests.spectra.readers.fuzz jasco_text 1234`` shows what case 1234 of a reader does.
"""
