"""The command `tap-twitter-init`: a guided set-up, from the keys of an X app to the first run."""
