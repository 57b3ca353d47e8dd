"""Projects, profiles and build files that cannot be used: one message each."""

import pytest


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("models/marts/dim_customer.sql", "select {{ ref('dim_custmer') }}", "dim_cus"),
        ("models/marts/dim_customer.sql", "select {{ 1", "unexpected end"),
        ("models/marts/customer_sales.yml", "models: [", "customer_sales.yml"),
        ("profiles.yml", "acrm: [", "profiles.yml"),
        ("profiles.yml", "other: {}", "Could not find profile named 'acrm'"),
    ],
)
def test_a_project_that_cannot_be_read_is_one_message(small, acrm, file, text, says):
    (small.root / file).write_text(text)
    ended = acrm("build")
    assert ended.code == 2
    assert says in ended.stderr
    assert "Traceback" not in ended.stderr
    assert str(small.root / "logs" / "dbt.log") in ended.stderr
    assert not small.database.exists()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (["--target", "prod"], "does not have a target named 'prod'"),
        (["--vars", "{a"], "--vars is not valid YAML"),
        (["--vars", "[1]"], "--vars is not a mapping"),
    ],
)
def test_options_that_dbt_refuses_are_one_message(acrm, given, says):
    ended = acrm("build", *given)
    assert ended.code == 2
    assert says in ended.stderr


def test_a_project_file_that_is_no_yaml_is_named(small, acrm):
    (small.root / "dbt_project.yml").write_text("name: [\n")
    ended = acrm("build")
    assert ended.code == 2
    assert f"{small.root / 'dbt_project.yml'} is not valid YAML" in ended.stderr
    assert "line 2" in ended.stderr


def test_without_a_profile_it_says_where_it_is_missed(small, acrm):
    (small.root / "profiles.yml").unlink()
    ended = acrm("build")
    assert ended.code == 2
    assert "The dbt project has no profile" in ended.stderr
    assert str(small.root / "profiles.yml") in ended.stderr


def test_outside_a_project_it_says_so(tmp_path, acrm, monkeypatch):
    monkeypatch.setenv("ACRM_PROJECT", str(tmp_path))
    ended = acrm("build")
    assert ended.code == 2
    assert "No dbt project here" in ended.stderr


def test_a_build_file_in_a_missing_folder_is_refused(small, acrm, monkeypatch):
    monkeypatch.setenv("ACRM_DATABASE", "/nowhere/acrm.duckdb")
    ended = acrm("build")
    assert ended.code == 2
    assert "The folder of the build file does not exist" in ended.stderr
    assert "where: /nowhere" in ended.stderr
    assert not small.published.exists()


def test_a_profile_that_builds_another_file_is_refused(small, acrm):
    profile = small.root / "profiles.yml"
    text = profile.read_text()
    path = "{{ env_var('ACRM_DATABASE', 'target/acrm.duckdb') }}"
    assert path in text
    profile.write_text(text.replace(path, "/nowhere/other.duckdb"))
    ended = acrm("build")
    assert ended.code == 2
    assert "builds /nowhere/other.duckdb, but" in ended.stderr
    assert "env_var('ACRM_DATABASE'" in ended.stderr


def test_a_target_that_is_not_duckdb_is_refused(small, acrm):
    profile = small.root / "profiles.yml"
    text = profile.read_text().replace("      schema: main\n", "")
    profile.write_text(text.replace("type: duckdb", "type: spark"))
    ended = acrm("build")
    assert ended.code == 2
    assert "Traceback" not in ended.stderr
    assert "spark" in ended.stderr


def test_a_file_that_is_no_database_is_refused(small, acrm):
    small.database.parent.mkdir()
    small.database.write_text("not a database, but a text of some length\n" * 500)
    ended = acrm("build")
    assert ended.code == 2
    assert "The build file cannot be opened" in ended.stderr
    assert str(small.database) in ended.stderr


def test_a_memory_limit_that_is_no_size_is_refused(small, acrm, monkeypatch):
    monkeypatch.setenv("ACRM_MEMORY", "lots")
    ended = acrm("build")
    assert ended.code == 2
    assert "The memory limit 'lots' is no size." in ended.stderr
    assert "ACRM_MEMORY" in ended.stderr
    assert not small.database.exists()
