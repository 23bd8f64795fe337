import os, httpx

sheet = """
article: {address: https://example.org/2022/10/briefing, sha256: 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08}
published: 2022-10-05
authority: VN-MOFA
in: KHM
statements: [{ref: B-01, reports: rescued, of: Vietnamese, quantity: more than 1100, until: 2022-10-04}]
"""
told = {"content-type": "application/yaml", "authorization": "Bearer " + os.environ["TOKEN"]}
print(httpx.post(os.environ.get("GATEWAY", "http://127.0.0.1:8019") + "/events", content=sheet, headers=told).json())
