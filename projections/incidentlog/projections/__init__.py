"""The folds: pure functions of sets of statements, one read model per file. No I/O, no clock."""
