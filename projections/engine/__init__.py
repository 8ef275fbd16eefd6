"""How projections are kept up with the log, divided, and made anew; it knows none of the questions."""
