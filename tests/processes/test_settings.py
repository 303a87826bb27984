"""Settings come from the environment, and a wrong one is named with what is wrong about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from regard.processes.settings import Settings, SettingsError, read_settings


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"REGARD_{name.upper()}", raising=False)


def test_without_any_variable_it_listens_on_this_machine_alone_with_its_own_database() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.database_url, settings.demo) == (
        "127.0.0.1",
        8360,
        None,
        False,
    )
    assert settings.home.is_absolute()
    assert settings.key_path == settings.home / "root.key"


def test_variables_with_the_prefix_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGARD_HOME", "~/somewhere")
    monkeypatch.setenv("REGARD_PORT", "9000")
    monkeypatch.setenv("REGARD_HOST", "0.0.0.0")
    monkeypatch.setenv("REGARD_DEMO", "1")
    settings = read_settings()
    assert settings.home == Path.home() / "somewhere"
    assert settings.address == "http://127.0.0.1:9000"
    assert settings.demo


def test_an_empty_database_address_means_the_embedded_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGARD_DATABASE_URL", "")
    assert read_settings().database_url is None


def test_every_wrong_variable_is_named_with_the_reason_and_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGARD_PORT", "99999")
    monkeypatch.setenv("REGARD_DATABASE_URL", "mysql://me:s3cret@there/db")
    with pytest.raises(SettingsError, match=r"REGARD_PORT: .*65535") as caught:
        read_settings()
    assert "REGARD_DATABASE_URL: Value error, it must begin with postgresql://" in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_the_password_of_the_database_does_not_show_in_the_settings_text(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("REGARD_DATABASE_URL", "postgresql://me:s3cret@there/db")
    assert "s3cret" not in repr(read_settings())


def test_every_setting_has_a_description_for_the_reference_page() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
