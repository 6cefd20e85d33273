"""The older way: two JSON files read and joined at every request, Flask's own server."""

import json
import sys
from pathlib import Path

from flask import Flask, Response, jsonify

app = Flask(__name__)
folder = Path(sys.argv[1])


@app.get("/api/onts")
def onts() -> Response:
    rows = json.loads((folder / "wifi.json").read_text(encoding="utf-8"))
    kept = json.loads((folder / "status.json").read_text(encoding="utf-8"))
    status = {row["id"]: row["status"] for row in kept}
    for row in rows:
        row["status"] = status.get(row["id"], "UNKNOWN")
    return jsonify(rows)


app.run("127.0.0.1", int(sys.argv[2]))
