"""How much each caller has asked for, counted by the library `limits`."""
