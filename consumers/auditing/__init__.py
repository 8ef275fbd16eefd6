"""The log as it can be proved: a tree over it, signed checkpoints, exports, and who verifies them."""
