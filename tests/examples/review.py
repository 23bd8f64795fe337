import os, httpx

told = {"authorization": "Bearer " + os.environ["TOKEN"]}
asked = {"verb": "retract", "claim": "S2-03", "in": "rescued/VNM/KHM", "all_wordings": True}
who_and_why = {"by": "DATA-DESK", "reason": "source_withdrew"}
with httpx.Client(base_url=os.environ.get("GATEWAY", "http://127.0.0.1:8019"), headers=told) as gateway:
    proposal = gateway.post("/review/proposals", json=asked | who_and_why).raise_for_status().json()
    for number in proposal["numbers"]:
        print(number["projection"], number["key"], number["before"]["low"], "->", number["after"]["low"])
    print(gateway.post("/review/verdicts", json=proposal).json()["outcome"])  # sent back as it came
