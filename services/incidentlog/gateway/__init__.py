"""The gateway: numbers over HTTP, as pages, streams and files, and events taken in."""
