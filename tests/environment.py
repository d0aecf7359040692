"""Loaded before Django's settings: tests never see the data folder, the keys or the queue of a real installation."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_folder = tempfile.mkdtemp(prefix="promenade-tests-")
for _each in (_folder, f"{_folder}-state"):
    atexit.register(shutil.rmtree, _each, ignore_errors=True)

for _name in ("PROMENADE_MODE", "BASE_URL", "ALLOWED_HOSTS", "ENCRYPTION_KEYS", "SECRET_KEY_FALLBACKS", "DEMO"):
    os.environ.pop(_name, None)
os.environ["DATA_DIR"] = _folder
os.environ["STATE_DIR"] = f"{_folder}-state"
os.environ["PRIVATE_ADDRESSES"] = "127.0.0.0/8,::1"
os.environ["SECRET_KEY"] = "only-for-tests-" + "x" * 50
os.environ["ENCRYPTION_KEYS"] = "only-for-tests-" + "y" * 32
