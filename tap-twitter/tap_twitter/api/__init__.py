"""X's APIs: pacing and sending requests, classifying and reading responses."""
