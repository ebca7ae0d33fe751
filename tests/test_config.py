"""Where settings come from, and which values are refused."""

from pathlib import Path

import pytest

from crm import config
from crm.config import ConfigError


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Load the settings of an environment and a `.env`; a value "@text" stands for a file that holds the text."""
    monkeypatch.setattr(config, "ROOT", tmp_path)

    def written(values: dict[str, str]) -> dict[str, str]:
        for name, value in values.items():
            if value.startswith("@"):
                path = tmp_path / value
                path.write_text(f"{value[1:]}\n")
                values[name] = str(path)
        return values

    def run(environment: dict[str, str], dotenv: dict[str, str] | None = None) -> dict:
        monkeypatch.setattr(config.os, "environ", {"INSTANCE_PATH": str(tmp_path), **written(environment)})
        lines = [f"{name}={value}\n" for name, value in written(dotenv or {}).items()]
        (tmp_path / ".env").write_text("".join(lines))
        return config.load()

    return run


@pytest.mark.parametrize(
    ("environment", "dotenv", "expected"),
    [
        ({"MAIL_PASSWORD": "a", "MAIL_PASSWORD_FILE": "@b"}, {"MAIL_PASSWORD": "c", "MAIL_PASSWORD_FILE": "@d"}, "a"),
        ({"MAIL_PASSWORD": "", "MAIL_PASSWORD_FILE": "@b"}, {"MAIL_PASSWORD": "c", "MAIL_PASSWORD_FILE": "@d"}, "b"),
        ({"MAIL_PASSWORD": "", "MAIL_PASSWORD_FILE": ""}, {"MAIL_PASSWORD": "c", "MAIL_PASSWORD_FILE": "@d"}, "c"),
        ({}, {"MAIL_PASSWORD": "", "MAIL_PASSWORD_FILE": "@d"}, "d"),
        ({"MAIL_PASSWORD_FILE": "@"}, {"MAIL_PASSWORD": "c"}, "c"),
        ({"MAIL_PASSWORD": ""}, {}, None),
    ],
)
def test_the_environment_stands_before_the_file_beside_the_program_and_what_is_empty_says_nothing(
    load, environment, dotenv, expected
):
    assert load(environment, dotenv)["MAIL_PASSWORD"] == expected


def test_an_empty_setting_has_its_default(load):
    settings = load({"MAIL_USE_TLS": "", "MAIL_PORT": ""}, {"PUBLIC_URL": ""})
    assert (settings["MAIL_USE_TLS"], settings["MAIL_PORT"]) == (True, 587)
    assert settings["PUBLIC_URL"] == "http://127.0.0.1:5000"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "crm.example"),
        ("PUBLIC_URL", "ftp://crm.example"),
        ("WORKER_CONNECTIONS", "0"),
        ("WORKER_CONNECTIONS", "-4"),
        ("WORKER_CONNECTIONS", "four"),
        ("TRUSTED_PROXIES", "-1"),
        ("LEASE_SECONDS", "0"),
        ("SMTP_TIMEOUT", "0"),
        ("MAIL_USE_TLS", "perhaps"),
        ("SECRET_KEY_FILE", "/nowhere/to/be/found"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(load, name, value):
    with pytest.raises(ConfigError, match=name):
        load({name: value})


def test_a_slash_at_the_end_of_the_address_is_not_doubled_in_links(load):
    assert load({"PUBLIC_URL": "https://crm.example/"})["PUBLIC_URL"] == "https://crm.example"


def test_a_file_that_is_not_text_is_named(load, tmp_path):
    (tmp_path / "key").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match="not text in UTF-8"):
        load({"MAIL_PASSWORD_FILE": str(tmp_path / "key")})
