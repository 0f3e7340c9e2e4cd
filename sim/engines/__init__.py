"""The two engines, and the rules that both obey."""
