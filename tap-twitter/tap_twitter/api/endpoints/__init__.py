"""The endpoints of X's APIs: whom X allows them, how often, and at what price."""
