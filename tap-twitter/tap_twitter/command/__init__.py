"""The command `tap-twitter` beside a sync: options, `--test`."""
