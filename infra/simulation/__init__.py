"""The simulation: years in the life of as many households as wanted, all over Indonesia, for measuring at scale."""
