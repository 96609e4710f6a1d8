"""Singer: catalogs, states, records, messages and metrics; nothing here depends on X."""
