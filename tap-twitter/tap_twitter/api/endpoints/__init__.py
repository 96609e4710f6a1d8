"""The endpoints of X's APIs: who may request them, how often, and at what price."""
