"""The connection to a Dask cluster, with and without TLS; what prevents it is told in one sentence."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.author.samples import edited
from autograder.cluster import connection
from autograder.cluster.connection import connected
from autograder.errors import UsageError
from autograder.faces.commands.main import main
from autograder.trusted.assignment.course import KIT, Course
from autograder.trusted.results.store import read_results
from tests.cluster.live import scheduler, worker

HERE = "tcp://127.0.0.1:9"  # nobody answers there
ENCRYPTED = "tls://127.0.0.1:9"


@pytest.fixture
def dask_config(monkeypatch):
    """Sets one of Dask's own settings for this test, by its name below `distributed.comm`."""
    pytest.importorskip("distributed", reason="Dask is not installed (the extra `dask`)")
    import dask

    monkeypatch.setattr(connection, "CONNECT_SECONDS", 0.2)

    def set_to(name: str, value: object) -> None:
        with_value = dask.config.set({f"distributed.comm.{name}": value})
        undo.append(with_value)

    undo: list = []
    yield set_to
    for each in reversed(undo):
        each.__exit__(None, None, None)


def refusal(address: str) -> str:
    with pytest.raises(UsageError) as refused, connected(address):
        pass
    assert address in str(refused.value)
    return str(refused.value)


def certificate(folder: Path) -> Path:
    """One file with a key and its certificate, which signs itself and so is the authority as well."""
    folder.mkdir()
    both = folder / "both.pem"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=grading"
    files = ["-keyout", folder / "key.pem", "-out", folder / "certificate.pem"]
    try:
        subprocess.run(["openssl", *words.split(), *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed, which makes certificates")
    both.write_bytes((folder / "key.pem").read_bytes() + (folder / "certificate.pem").read_bytes())
    return both


def test_an_address_where_nobody_answers_is_named_in_one_sentence(dask_config):
    assert refusal(HERE).startswith(f"Nobody answers as a Dask scheduler at {HERE}: start one with")


def test_without_dask_the_option_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(UsageError, match="pip install distributed"), connected(HERE):
        pass


def test_without_certificates_the_settings_that_are_missing_are_named_and_how_to_set_them(dask_config):
    for name in ("ca-file", "client.cert", "client.key"):
        dask_config(f"tls.{name}", None)
    assert refusal(ENCRYPTED) == (
        f"The Dask scheduler at {ENCRYPTED} asks for certificates, and Dask's configuration here has no "
        "distributed.comm.tls.ca-file and no distributed.comm.tls.client.cert: set "
        "DASK_DISTRIBUTED__COMM__TLS__CA_FILE, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and "
        "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY to the files that this cluster was given."
    )


@pytest.mark.parametrize("name", ["ca-file", "client.cert", "client.key"])
def test_a_certificate_that_is_not_there_is_named(dask_config, tmp_path, name):
    both = certificate(tmp_path / "tls")
    for each in ("ca-file", "client.cert", "client.key"):
        dask_config(f"tls.{each}", str(both if each != name else tmp_path / "gone.pem"))
    assert f"there is no file {tmp_path / 'gone.pem'}, which Dask's configuration here names: set " in refusal(
        ENCRYPTED
    )


def test_a_file_that_holds_no_certificate_is_told(dask_config, tmp_path):
    (tmp_path / "empty.pem").write_text("")
    for each in ("ca-file", "client.cert", "client.key"):
        dask_config(f"tls.{each}", str(tmp_path / "empty.pem"))
    assert "those that Dask's configuration here names cannot be used (" in refusal(ENCRYPTED)


def test_dask_that_is_told_to_speak_tls_alone_refuses_another_address_in_a_sentence(dask_config):
    dask_config("require-encryption", True)
    assert refusal(HERE).startswith(f"Dask is configured here not to speak to {HERE} (")


@pytest.mark.thorough
def test_a_class_is_graded_behind_tls_by_whoever_has_the_certificates_alone(tmp_path, dask_config, monkeypatch):
    monkeypatch.setattr(connection, "CONNECT_SECONDS", 10.0)
    ours, foreign = str(certificate(tmp_path / "ours")), str(certificate(tmp_path / "foreign"))
    tls = ["--tls-ca-file", ours, "--tls-cert", ours]
    course, output = Course(KIT), tmp_path / "graded"
    notebook = tmp_path / "perceptron.ipynb"
    notebook.write_text(edited(course.source / notebook.name, {}), encoding="utf-8")
    with scheduler("--protocol", "tls", *tls) as address, worker(address, *tls):

        def grade(to: str = address):
            return CliRunner().invoke(main, ["grade", str(notebook), "--dask", to, "--output", str(output)])

        assert address.startswith("tls://")
        without = grade()
        plain = grade(address.replace("tls://", "tcp://"))
        for name in ("ca-file", "client.cert"):
            dask_config(f"tls.{name}", foreign)
        stranger = grade()
        assert not (output / "results.jsonl").exists() or read_results(output / "results.jsonl") == []
        for name in ("ca-file", "client.cert"):
            dask_config(f"tls.{name}", ours)
        good = grade()
    assert [each.exit_code for each in (without, plain, stranger, good)] == [2, 2, 2, 0]
    assert f"at {address} asks for certificates" in without.output
    assert "if it was given certificates, its address begins with tls://" in plain.output
    assert f"Nobody answers as a Dask scheduler at {address}" in stranger.output
    assert "if it runs with certificates of another kind, set DASK_DISTRIBUTED__COMM__TLS__CA_FILE" in stranger.output
    assert [record.earned for record in read_results(output / "results.jsonl")] == [25]
