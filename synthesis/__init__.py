"""What happens at the bench: chemicals, lots, recipes, sweeps, batches and samples.

``notes``, ``units``, ``stoichiometry`` and ``mixtures`` know no Django: they can be imported in a notebook, and the
page, the API and the save all compute with them. This file imports nothing, so that they stay so.
"""
