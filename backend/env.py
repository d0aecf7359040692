"""Reads the environment, typed, and refuses to boot unsafe. The only module that looks at environment variables."""

from __future__ import annotations

import ipaddress
import os
import secrets
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
MARKER = "installation"
"""The file of a data folder that holds, or held, an installation."""


class ConfigurationError(Exception):
    """The environment does not allow a safe start; the message says what to change."""


def _split(value: object) -> object:
    return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value


class Environment(BaseSettings):
    """Every setting that Promenade takes from outside; docs/configuration.md explains each."""

    model_config = SettingsConfigDict(env_ignore_empty=True, extra="ignore", frozen=True)

    mode: Literal["local", "production"] = Field("local", validation_alias="PROMENADE_MODE")
    data_dir: Path = ROOT / "var"
    state_dir: Path = Path.home() / ".local/state/promenade"
    host: str = "127.0.0.1"
    port: int = Field(8000, ge=1, le=65535)
    base_url: str = ""
    allowed_hosts: Annotated[list[str], NoDecode] = []
    secret_key: str = ""
    secret_key_fallbacks: Annotated[list[str], NoDecode] = []
    encryption_keys: Annotated[list[str], NoDecode] = []
    database_url: str = ""
    redis_url: str = ""
    demo: bool = True
    admin_email: str = "admin@promenade.example"
    second_step_for: Literal["nobody", "administrators", "everyone"] = "nobody"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    log_format: Literal["console", "json"] = "console"
    metrics_key: str = ""
    web_threads: int = Field(8, ge=1, le=64)
    worker_threads: int = Field(8, ge=1, le=64)
    private_addresses: Annotated[list[str], NoDecode] = []
    backup_due_days: int = Field(2, ge=0, le=365)
    trusted_proxies: int = Field(0, ge=0, le=5)
    x_api_base: str = "https://api.x.com"
    x_consumer_key: str = ""
    x_consumer_secret: str = ""
    x_access_token: str = ""
    x_access_token_secret: str = ""
    linkedin_client_id: str = ""
    linkedin_client_secret: str = ""
    facebook_client_id: str = ""
    facebook_client_secret: str = ""

    _lists = field_validator(
        "allowed_hosts", "secret_key_fallbacks", "encryption_keys", "private_addresses", mode="before"
    )(_split)

    @field_validator("private_addresses")
    @classmethod
    def _networks(cls, value: list[str]) -> list[str]:
        for each in value:
            ipaddress.ip_network(each, strict=False)  # its own message names the address
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        if value and not value.startswith(("postgres://", "postgresql://")):
            raise ValueError("must start with postgres://")
        return value

    @field_validator("redis_url")
    @classmethod
    def _queue(cls, value: str) -> str:
        if value and not value.startswith(("redis://", "rediss://")):
            raise ValueError("must start with redis://")
        return value

    @field_validator("metrics_key")
    @classmethod
    def _long_enough(cls, value: str) -> str:
        if value and len(value) < 32:
            raise ValueError("must have at least 32 characters")
        return value

    @field_validator("base_url", "x_api_base")
    @classmethod
    def _web_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("must start with http:// or https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _safe_in_production(self) -> Environment:
        if self.mode != "production":
            return self
        problems = []
        if len(self.secret_key) < 50:
            problems.append("SECRET_KEY must be given and have at least 50 characters")
        if not self.encryption_keys or any(len(key) < 32 for key in self.encryption_keys):
            problems.append("ENCRYPTION_KEYS must be given, each key of at least 32 characters")
        if not self.allowed_hosts or "*" in self.allowed_hosts:
            problems.append("ALLOWED_HOSTS must name the hosts, without *")
        if not self.base_url.startswith("https://"):
            problems.append("BASE_URL must be the public address and start with https://")
        if not self.trusted_proxies:
            problems.append("TRUSTED_PROXIES must say how many proxies stand in front and end https, at least 1")
        if problems:
            raise ValueError("; ".join(problems))
        return self

    @property
    def production(self) -> bool:
        return self.mode == "production"

    @property
    def public_url(self) -> str:
        """Where people reach this installation, without a trailing slash."""
        return self.base_url or f"http://127.0.0.1:{self.port}"


def load() -> Environment:
    """Read and check the environment. Raises ConfigurationError with one sentence a setting."""
    try:
        return Environment()
    except ValidationError as error:
        sentences = [
            f"{'.'.join(str(part) for part in item['loc']).upper() or 'Production mode'}: "
            f"{item['msg'].removeprefix('Value error, ')}"
            for item in error.errors()
        ]
        raise ConfigurationError(". ".join(sentences) + ". See docs/configuration.md.") from None


def load_or_exit() -> Environment:
    try:
        return load()
    except ConfigurationError as error:
        sys.exit(f"Promenade cannot start. {error}")


def read_or_create_secret(folder: Path, name: str) -> str:
    """The secret kept in a file of the data folder (mode 0600), made on first use, whole or not at all."""
    path = folder / name
    if (folder / MARKER).exists() and not path.exists():
        sys.exit(
            f"Promenade cannot start. {path} is missing, and what is stored here cannot be read without it. Copy "
            "it from where you keep the keys, or restore a backup that holds them."
        )
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            with tempfile.NamedTemporaryFile("w", dir=folder, prefix=f".{name}-") as made:  # 0600 from the start
                made.write(secrets.token_urlsafe(64))
                made.flush()
                os.fsync(made.fileno())
                with suppress(FileExistsError):  # another process was faster; its secret is the one
                    os.link(made.name, path)
        found = path.read_text().strip()
    except OSError as error:
        sys.exit(
            f"Promenade cannot start. The data folder {folder} cannot be written ({error.strerror}). "
            "Set DATA_DIR to a folder that you may write to."
        )
    if len(found) < 32:
        sys.exit(f"Promenade cannot start. The secret in {path} is empty or cut short. Restore it from your backup.")
    return found
