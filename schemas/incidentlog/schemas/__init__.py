"""The contract: events, claims, values, rows, topics, codec, upcasters. Pydantic and orjson only, no I/O, no clock."""
