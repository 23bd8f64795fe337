import hashlib, json, os, httpx
from cloudevents.core.bindings.http import to_structured_event
from cloudevents.core.v1.event import CloudEvent

source, ref = "https://example.org/2022/10/briefing", "B-02"
data = json.loads("""{"ref": "B-02", "measure": "rescued", "counting_unit": "person", "kind": "cumulative",
  "authority": {"id": "VN-MOFA", "standing": "state", "country": "VNM"}, "occasion": "2022-10-05",
  "statement_key": "VN-MOFA|2022-10-05|rescued|MYS|KHM|cumulative|..", "population": {"nationality": "MYS"},
  "place": {"country": "KHM"}, "quantity": {"low": 40, "best": 40, "high": 40, "qualifier": "exact"},
  "window": {"edtf": "../2022-10-04", "start": null, "end": "2022-10-04"}, "published": {"edtf": "2022-10-05"},
  "evidence": {"sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}}""")
event = CloudEvent(
    {
        "id": hashlib.sha256(f"{source}\n{ref}".encode()).hexdigest()[:32],
        "source": source,
        "type": "org.incidentlog.RescueReported.v1",
        "partitionkey": "rescued/MYS/KHM",
    },
    data,
)
message = to_structured_event(event)
headers = message.headers | {"authorization": "Bearer " + os.environ["TOKEN"]}
print(
    httpx.post(
        os.environ.get("GATEWAY", "http://127.0.0.1:8019") + "/events", content=message.body, headers=headers
    ).json()
)
