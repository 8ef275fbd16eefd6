"""The outside: starts, composes and adapts. It knows everyone, and no one imports it."""
