"""The page: numbers for people, drawn on the server, readable without scripts."""
