"""What people read keeps to the words of docs/words.md: in templates, in scripts and in the sentences of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
ROOMS = ("backend", "scheduler", "campaigns", "media")
BANNED = re.compile(
    r"e-mail|leave it\b|needs? a person|put it back|throw it away|(on|by) (the|your own) clock|"
    r"do not belong together|what became of it|whoever|somebody|everybody|anybody|such as:|keeps? still|"
    r"publishing is paused|look again|\bmend\b|second step|this publication is|go on\b|here stands?|who we are there|"
    r"\bmails\b(?= )",
    re.IGNORECASE,
)
ALLOWED = ("remove second step",)  # the name of an act, which nobody is shown
COMMENT = re.compile(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}|<!--.*?-->", re.DOTALL)
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
SPOKEN = re.compile(r"""\b(?:aria-label|alt|title|placeholder|content|words|example|label)=("[^"]*"|'[^']*')""")


def read_template(text: str) -> Iterator[str]:
    """What it says: its text, and the attributes and parameters that are read out or shown."""
    text = COMMENT.sub(" ", text)
    yield from (found[1:-1] for found in SPOKEN.findall(text))
    yield re.sub(r"<[^>]*>", " ", CODE.sub(" ", text))
    yield from re.findall(r'"([A-Z][^"]* [^"]*)"', " ".join(CODE.findall(text)))


def read_python(text: str) -> Iterator[str]:
    """Its sentences, put together where they are written in pieces; not what only readers of the code see."""
    tree = ast.parse(text)
    spared = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant | ast.JoinedStr)
        for part in ast.walk(node.value)
    }
    for node in ast.walk(tree):
        if id(node) in spared:
            continue
        if isinstance(node, ast.JoinedStr):
            parts = [part for part in node.values if isinstance(part, ast.Constant)]
            spared |= {id(part) for part in parts}
            yield " ".join(str(part.value) for part in parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def read_script(text: str) -> Iterator[str]:
    yield from re.findall(r'"[^"\n]*"|`[^`]*`', re.sub(r"(?m)//.*$", "", text))


READERS = {".html": read_template, ".txt": read_template, ".py": read_python, ".js": read_script}


def sentences() -> Iterator[tuple[str, str]]:
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*")):
            if path.suffix in READERS and "migrations" not in path.parts and "vendor" not in path.parts:
                for said in READERS[path.suffix](path.read_text()):
                    yield str(path.relative_to(ROOT)), " ".join(said.split())


def test_what_people_read_keeps_to_the_words() -> None:
    found = []
    for path, said in sentences():
        if any(allowed in said for allowed in ALLOWED):
            continue
        found += [f"{path}: …{said[max(0, m.start() - 40) : m.end() + 40]}…" for m in BANNED.finditer(said)]

    assert found == []
