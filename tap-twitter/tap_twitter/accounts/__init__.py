"""Accounts of X: the setting `accounts`, and the credentials of each."""
