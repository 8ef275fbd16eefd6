"""The contract with agencies: a JSON Schema (2020-12) for each version of each message, which both sides hold to."""
