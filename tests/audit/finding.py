"""Finds what people can do here: every function of a room that writes and is called by a face or a command. It reads
the source, so that nobody has to remember to add a new one to a list.

A function writes if it calls what Django writes with, announces something, or calls another function that does. That
also catches some that only read (`update` is a word of dictionaries too): those are named as exceptions, which costs a
line and misses nothing.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("campaigns", "scheduler", "media", "backend/accounts", "backend/backups")
FACES = ("backend/api", "backend/console", "backend/site")
COMMANDS = ("backend/accounts/management", "scheduler/management")
WRITES = re.compile(r"(save|create|bulk_create|bulk_update|update|delete|get_or_create)(_|$)")
"""Such as `create_person` of a manager of our own."""


@dataclass
class Module:
    name: str
    tree: ast.Module
    imported: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom) and node.module:
                self.imported |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}

    @property
    def functions(self) -> dict[str, ast.FunctionDef]:
        return {f"{self.name}.{node.name}": node for node in self.tree.body if isinstance(node, ast.FunctionDef)}


def _modules(*folders: str, commands: bool = True) -> list[Module]:
    found = []
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if "migrations" in parts or ("management" in parts and not commands):
            continue
        name = ".".join(parts).removesuffix(".__init__")
        found.append(Module(name, ast.parse(path.read_text())))
    return found


class Rooms:
    def __init__(self) -> None:
        self.modules = {each.name: each for each in _modules(*ROOMS, commands=False)}
        self.functions = {
            name: (module, node) for module in self.modules.values() for name, node in module.functions.items()
        }

    def _resolve(self, name: str) -> str | None:
        """Where a name leads, through modules that only pass it on."""
        seen: set[str] = set()
        while name not in self.functions and name not in seen:
            seen.add(name)
            module, _, last = name.rpartition(".")
            if module not in self.modules or last not in self.modules[module].imported:
                return None
            name = self.modules[module].imported[last]
        return name if name in self.functions else None

    def named_in(self, tree: ast.AST, module: Module) -> set[str]:
        """The rooms' functions that this code names."""
        names = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Name):
                names.append(module.imported.get(node.id, f"{module.name}.{node.id}"))
            elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                names.append(f"{module.imported.get(node.value.id, '')}.{node.attr}")
        return {found for name in names if (found := self._resolve(name))}

    def writing(self) -> set[str]:
        calls = {name: self.named_in(node, module) for name, (module, node) in self.functions.items()}
        found = {name for name, (_, node) in self.functions.items() if _writes(node)}
        while more := {name for name, others in calls.items() if name not in found and others & found}:
            found |= more
        return found


def _writes(node: ast.FunctionDef) -> bool:
    called = [each.func for each in ast.walk(node) if isinstance(each, ast.Call)]
    return any(isinstance(func, ast.Attribute) and bool(WRITES.match(func.attr) or _announces(func)) for func in called)


def _announces(func: ast.Attribute) -> bool:
    """`signals.content_moved.send`"""
    return func.attr == "send" and ast.unparse(func.value).startswith("signals.")


def _acts_for_somebody(node: ast.FunctionDef) -> bool:
    return not node.name.startswith("_") and "by" in {each.arg for each in [*node.args.args, *node.args.kwonlyargs]}


def find_acts() -> set[str]:
    """By their whole names, such as `campaigns.planning.services.content.approve_content`: what faces and commands
    call, and what takes the person who acts and is not a part of something else."""
    rooms = Rooms()
    called: set[str] = set()
    for module in _modules(*FACES, *COMMANDS):
        called |= rooms.named_in(module.tree, module)
    parts = {each for name, (module, node) in rooms.functions.items() for each in rooms.named_in(node, module) - {name}}
    whole = {name for name, (_, node) in rooms.functions.items() if _acts_for_somebody(node)} - parts
    return (called | whole) & rooms.writing()
