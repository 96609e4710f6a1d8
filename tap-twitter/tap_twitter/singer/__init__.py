"""Singer: catalogs, states, records, messages and metrics; nothing here knows X."""
