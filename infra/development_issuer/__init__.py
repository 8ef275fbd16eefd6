"""An issuer of tokens for development, with keys of its own under the data directory; there is none in production."""
