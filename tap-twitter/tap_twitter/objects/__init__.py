"""Users and posts of X: requests, answers, references and columns."""
