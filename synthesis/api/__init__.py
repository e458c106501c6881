"""The bench over the API: shelf, recipes, samples, sweeps. Batches stand in ``qdlab.dashboards.api``, beside their results."""
