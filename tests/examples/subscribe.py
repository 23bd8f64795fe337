import json, os, httpx

url = os.environ.get("GATEWAY", "http://127.0.0.1:8019") + "/projections/rescued-by-nationality/events"
with httpx.stream("GET", url, timeout=None) as stream:
    for line in stream.iter_lines():
        if line.startswith('data: {"projection"') and "low" in (row := json.loads(line.removeprefix("data: "))):
            print(row["label"], row["low"], row["best"], row["high"], flush=True)
