"""The ground floor: the raw-file store, the audit trail, and versions against lost updates. Knows nobody above it."""
