"""The command `tap-twitter-accounts`: connects accounts with the tap and manages them."""
