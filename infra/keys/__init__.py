"""Keys of persons and households: made, kept wrapped in a database of their own, and destroyed."""
