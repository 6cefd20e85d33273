"""The servers under measure, each a child with a port and files of its own."""

import gzip
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
FLASK = "flask==3.1.2"

NGINX = """
daemon off; master_process off; pid {folder}/pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; etag on; keepalive_requests 100000000; default_type application/json;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}; gzip_static on; }}
}}
"""

Child = subprocess.Popen[bytes]


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def wait_for(port: int, child: Child) -> None:
    """Until something listens there."""
    for _ in range(300):
        if child.poll() is not None:
            raise RuntimeError(f"{child.args!r} ended with {child.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"{child.args!r} does not listen")


def started(command: list[str], port: int, env: Mapping[str, str] | None = None) -> Child:
    quiet = subprocess.DEVNULL
    child = subprocess.Popen(command, env=env, stdin=quiet, stdout=quiet, stderr=quiet)
    wait_for(port, child)
    return child


def ronda(values: Mapping[str, str], port: int) -> Child:
    command = [sys.executable, "-m", "ronda", "web", "--bind", f"127.0.0.1:{port}"]
    return started(command, port, values)


def older(folder: Path, rows: list[dict[str, Any]], port: int) -> Child:
    """The same list in the two files the older system keeps, read by Flask from a folder of ours."""
    site = folder / "flask"
    subprocess.run([*installer(), "install", "--quiet", "--target", str(site), FLASK], check=True)
    bare = [{key: row[key] for key in row if key != "status"} for row in rows]
    (folder / "wifi.json").write_text(json.dumps(bare, indent=2), encoding="utf-8")
    status = [{"id": row["id"], "ip": row["ip"], "status": row["status"]} for row in rows]
    (folder / "status.json").write_text(json.dumps(status), encoding="utf-8")
    env = os.environ | {"PYTHONPATH": str(site)}
    return started([sys.executable, str(HERE / "older.py"), str(folder), str(port)], port, env)


def installer() -> list[str]:
    """pip of this Python, or uv where a virtual environment has no pip."""
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True).returncode == 0:
        return pip
    return ["uv", "pip"]


def nginx(folder: Path, content: bytes, port: int) -> Child:
    """The same list as a file, compressed beforehand."""
    (folder / "onts").write_bytes(content)
    (folder / "onts.gz").write_bytes(gzip.compress(content, 6))
    (folder / "nginx.conf").write_text(NGINX.format(folder=folder, port=port))
    return started(["nginx", "-c", str(folder / "nginx.conf"), "-p", str(folder)], port)
