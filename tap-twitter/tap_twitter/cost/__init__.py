"""What X charges: prices, the bill of a run, its budget and its plan."""
