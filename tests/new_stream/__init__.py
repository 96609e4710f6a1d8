"""`make stream`: a new stream of posts from a template."""
