"""Whatever follows the log and acts on it.

Here are the clock, the eraser, and what publishing and taking in share: the contract, topics and partners.
"""
