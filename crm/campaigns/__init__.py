"""The umbrella effort that mailings, asks and later subjects may belong to."""
