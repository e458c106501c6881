"""What joins recipes with results: home, batches table, batch page, sweep, compare, review, tables for scripts."""
