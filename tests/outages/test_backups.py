"""Making and restoring a backup, and what a start refuses, as a person meets them on the command line. What goes out
after a restore is shown by test_restoring.py."""

from __future__ import annotations

import json
import sqlite3
import tarfile
from contextlib import closing
from pathlib import Path

import pytest

from tests.installation import Installation

PICTURE = b"\x89PNG not really"
ADD = "from campaigns.planning.services.organisation import add_team; add_team(name={!r})"


def teams(of: Installation) -> list[str]:
    with closing(sqlite3.connect(of.folder / "data" / "promenade.sqlite3")) as opened:
        return [name for (name,) in opened.execute("SELECT name FROM planning_team ORDER BY name")]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """With a team and a picture, and two backups of it: with keys and without."""
    found = Installation(tmp_path_factory.mktemp("house"), {"DATABASE_URL": ""})
    found.manage("prepare")
    found.manage("shell", "-v0", "-c", ADD.format("Crisis team"))
    picture = found.folder / "data" / "media" / "pictures" / "team.png"
    picture.parent.mkdir(parents=True)
    picture.write_bytes(PICTURE)
    found.manage("backup", str(found.folder / "whole.tar"), "--with-keys")
    found.manage("backup", str(found.folder / "plain.tar"))
    return found


def test_backup_is_told_in_the_trail_and_to_whoever_watches(house: Installation) -> None:
    with closing(sqlite3.connect(house.folder / "data" / "promenade.sqlite3")) as opened:
        told = opened.execute(
            "SELECT through, changes FROM audit_logentry WHERE event = 'backup_made' ORDER BY id"
        ).fetchall()
        [at] = opened.execute("SELECT backed_up_at FROM scheduler_installation").fetchone()

    assert [(through, json.loads(changes)) for through, changes in told] == [
        ("command", {"files": [None, 4], "with_keys": [None, True]}),
        ("command", {"files": [None, 2], "with_keys": [None, False]}),
    ]
    assert at


@pytest.fixture
def elsewhere(tmp_path: Path) -> Installation:
    return Installation(tmp_path, {"DATABASE_URL": ""})


def test_a_whole_backup_is_all_that_another_machine_needs(house: Installation, elsewhere: Installation) -> None:
    said = elsewhere.manage("restore", str(house.folder / "whole.tar"))

    assert "Publishing is on hold" in said
    assert teams(elsewhere) == ["Crisis team"]
    data = elsewhere.folder / "data"
    assert (data / "media" / "pictures" / "team.png").read_bytes() == PICTURE
    for key in ("secret_key", "encryption_key"):
        assert (data / key).read_text() == (house.folder / "data" / key).read_text()
        assert (data / key).stat().st_mode & 0o777 == 0o600


def test_one_without_keys_asks_for_them_and_makes_none(house: Installation, elsewhere: Installation) -> None:
    data, archive = elsewhere.folder / "data", str(house.folder / "plain.tar")

    said = elsewhere.manage("restore", archive, check=False)

    assert "made without keys" in said
    assert not data.exists()
    data.mkdir()
    for key in ("secret_key", "encryption_key"):
        (data / key).write_text((house.folder / "data" / key).read_text())
    elsewhere.manage("restore", archive)
    assert teams(elsewhere) == ["Crisis team"]


def test_what_is_there_is_replaced_only_when_asked_for_and_kept_aside(house: Installation) -> None:
    house.manage("shell", "-v0", "-c", ADD.format("Later team"))
    archive = str(house.folder / "plain.tar")

    assert "There is a database here already" in house.manage("restore", archive, check=False)
    said = house.manage("restore", archive, "--replace")

    assert teams(house) == ["Crisis team"]
    aside = next(word for word in said.split() if "before-restore" in word).rstrip(".")
    assert (Path(aside) / "promenade.sqlite3").exists()


def test_a_changed_or_cut_backup_and_a_name_that_is_taken_change_nothing(
    house: Installation, elsewhere: Installation
) -> None:
    whole = (house.folder / "whole.tar").read_bytes()
    changed, cut, crafted = (elsewhere.folder / name for name in ("changed.tar", "cut.tar", "crafted.tar"))
    changed.write_bytes(whole.replace(PICTURE, PICTURE.swapcase()))
    cut.write_bytes(whole[: len(whole) // 2])
    with tarfile.open(crafted, "w") as tar, tarfile.open(house.folder / "whole.tar") as source:
        manifest = json.load(source.extractfile("manifest.json"))  # type: ignore[arg-type]
        manifest["files"]["media/../../escaped"] = {"size": 0, "sha256": ""}
        (elsewhere.folder / "manifest.json").write_text(json.dumps(manifest))
        tar.add(elsewhere.folder / "manifest.json", "manifest.json")

    for archive in (changed, cut, crafted, Path("/nowhere.tar")):
        said = elsewhere.manage("restore", str(archive), check=False)
        assert "is no backup of Promenade, or not a whole one" in said, said
        assert "Traceback" not in said
    assert not (elsewhere.folder / "data").exists()
    assert "is there already" in house.manage("backup", str(house.folder / "whole.tar"), check=False)


def test_a_folder_that_had_keys_or_a_database_does_not_start_without_them(
    house: Installation, elsewhere: Installation
) -> None:
    elsewhere.manage("restore", str(house.folder / "whole.tar"))
    data = elsewhere.folder / "data"
    key = (data / "encryption_key").read_text()

    (data / "encryption_key").unlink()
    assert f"{data / 'encryption_key'} is missing" in elsewhere.manage("run", check=False)
    assert not (data / "encryption_key").exists()

    (data / "encryption_key").write_text(key.swapcase())
    assert "was encrypted with other keys" in elsewhere.manage("worker", check=False)

    (data / "encryption_key").write_text(key)
    for path in data.glob("promenade.sqlite3*"):
        path.unlink()
    for command in ("run", "worker"):
        said = elsewhere.manage(command, check=False)
        assert "its database is missing or empty" in said
        assert "Traceback" not in said


def test_publishing_is_put_on_hold_before_a_start(elsewhere: Installation) -> None:
    elsewhere.manage("prepare")

    assert "All publishing is on hold." in elsewhere.manage("hold", "We move to a new machine.")
    assert "on hold already" in elsewhere.manage("hold", "Again.")
