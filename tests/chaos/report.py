"""What the campaign says: a line while it runs, a file that names every publication's fate, the last line."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.chaos.checker import Evidence, Verdict

WIDTH = 24
EVERY = 5.0
"""Seconds between lines where they cannot be written over each other."""


class Progress:
    def __init__(self) -> None:
        self.in_place = sys.stdout.isatty()
        self.said_at = float("-inf")

    def show(self, share: float, words: str) -> None:
        now = time.monotonic()
        if not self.in_place and now - self.said_at < EVERY:
            return
        self.said_at = now
        done = round(min(1.0, max(0.0, share)) * WIDTH)
        bar = f"[{'#' * done}{'.' * (WIDTH - done)}] {words}"
        sys.stdout.write(f"\r\x1b[K{bar}" if self.in_place else f"{bar}\n")
        sys.stdout.flush()

    def clear(self) -> None:
        if self.in_place:
            sys.stdout.write("\r\x1b[K")


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def new_file() -> Path:
    return Path(tempfile.gettempdir()) / f"promenade-chaos-{datetime.now(UTC):%Y%m%d-%H%M%S}-{os.getpid()}.jsonl"


def percentile(ascending: list[float], share: float) -> float:
    return ascending[min(len(ascending) - 1, int(share * len(ascending)))] if ascending else 0.0


def punctuality(verdict: Verdict) -> str:
    late = verdict.lateness
    p50, p99 = percentile(late, 0.5), percentile(late, 0.99)
    return f"{len(late)} undisturbed: late by {p50:.2f} s (p50), {p99:.2f} s (p99), {percentile(late, 1):.2f} s (most)"


def write(path: Path, design: str, evidence: Evidence, verdict: Verdict, story: dict[str, Any]) -> None:
    """Appends: one line for the campaign, then one for every publication."""
    tries: dict[int, list[dict[str, Any]]] = {}
    for row in evidence.tries:
        tries.setdefault(row.publication, []).append(
            {"at": round(row.started_at, 3), "outcome": row.outcome, "code": row.code}
        )
    with path.open("a") as file:
        head = {
            "design": design,
            **story,
            "fates": Counter(verdict.fates.values()),
            "breaches": Counter(breach.kind for breach in verdict.breaches),
        }
        file.write(json.dumps(head) + "\n")
        for post in evidence.posts:
            line = {
                "publication": post.id,
                "title": post.title,
                "fate": verdict.fates[post.id],
                "state": post.state,
                "reason": post.reason,
                "publish_at": round(post.publish_at, 3),
                "remote_id": post.remote_id,
                "accepted": [{"id": found.remote_id, "at": round(found.at, 3)} for found in verdict.accepted[post.id]],
                "tries": tries.get(post.id, []),
                "breaches": [breach.sentence for breach in verdict.breaches if breach.publication == post.id],
            }
            file.write(json.dumps(line) + "\n")
