"""Batches with their results, tables for scripts, comparisons."""
