"""The log and its tables as files, and events from files into a log: JSON lines, CSV and Parquet, with checksums."""
