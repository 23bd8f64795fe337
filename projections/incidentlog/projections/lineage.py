"""What became of every claim of a scope."""
