"""A worker that may be killed at any moment: run by test_job_crash.py as a program of its own.

Writes a line to `ran.log` when it begins a job and another when it ended it; a job whose payload
says `hang` never ends in the first life.
"""

import os
import sys
import threading
from pathlib import Path

import django

django.setup()

from ronda.work import running  # noqa: E402 -- Django must be ready before models are imported
from ronda.work.running import Claimed, Watchman  # noqa: E402

LOG = Path(os.environ["RONDA_DATA"]) / "ran.log"
OWNER = f"worker-{os.getpid()}"
KINDS = {"careful", "harmless"}


def note(line: str) -> None:
    with LOG.open("a") as file:
        file.write(f"{line}\n")


def work(job: Claimed) -> None:
    note(f"begin {job.payload['n']} {job.again}")
    if job.payload.get("hang") and not job.again:
        threading.Event().wait()
    note(f"end {job.payload['n']}")
    running.succeed(job, {"n": job.payload["n"]})


def live() -> None:
    watchman = Watchman(KINDS, silent_s=float(sys.argv[1]))
    while True:
        running.beat(OWNER)
        watchman.look({"harmless"})
        threading.Event().wait(0.05)


threading.Thread(target=live, daemon=True).start()
while True:
    claimed = running.claim(OWNER, KINDS)
    if claimed is None:
        threading.Event().wait(0.02)
    else:
        work(claimed)
