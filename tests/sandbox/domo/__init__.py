"""A strict Domo: its OAuth endpoint, the DataSet API and the Stream API, as Domo publishes them."""
