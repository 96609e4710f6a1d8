"""A Dagster project that runs jobs of the Meltano project in shards."""
