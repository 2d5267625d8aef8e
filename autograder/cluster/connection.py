"""The connection to a Dask cluster, by Dask's own configuration; whatever prevents it is told in one sentence."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from autograder.errors import UsageError
from autograder.trusted.safe_text import one_line

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECT_SECONDS = 10.0
ENCRYPTED = ("tls://", "wss://")
HOW_TO_ENCRYPT = (
    "set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and "
    "DASK_DISTRIBUTED__COMM__TLS__CLIENT__KEY to the files that this cluster was given"
)


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Connect to the cluster whose scheduler has this address; yields Dask's Client.

    Raises UsageError if Dask is not installed or not configured for this address, or if there is no such cluster.
    """
    try:
        import distributed
    except ImportError as error:
        raise UsageError("--dask needs Dask, which is not installed here: pip install distributed") from error
    except ValueError as error:
        raise UsageError(f"Dask cannot read its own configuration here ({said(error)}).") from error
    for logger in ("distributed", "distributed.client"):
        logging.getLogger(logger).setLevel(logging.CRITICAL)  # the kit reports the error in a sentence
    encrypted = address.startswith(ENCRYPTED)
    if encrypted:
        _require_certificates(address)
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        hint = (
            f"if it runs with certificates of another kind, {HOW_TO_ENCRYPT}"
            if encrypted
            else ("if it was given certificates, its address begins with tls://")
        )
        raise UsageError(
            f"Nobody answers as a Dask scheduler at {address}: start one with `dask scheduler`, and name the "
            f"address that it prints ({said(error)}); {hint}."
        ) from error
    except RuntimeError as error:  # distributed.comm.require-encryption
        raise UsageError(f"Dask is configured here not to speak to {address} ({said(error)}).") from error
    with client, client.as_current():
        yield client


def said(error: BaseException) -> str:
    """What an error says, on one line."""
    return one_line(str(error) or type(error).__name__)


def _require_certificates(address: str) -> None:
    """Raise UsageError where Dask's configuration has no certificates for a client, or none that can be used."""
    import dask
    import distributed

    names = [f"distributed.comm.tls.{name}" for name in ("ca-file", "client.cert", "client.key")]
    files = {name: dask.config.get(name, None) for name in names}
    unset = [name for name in names[:2] if not files[name]]  # the key may stand in the certificate's file
    gone = [file for file in files.values() if file and "\n" not in file and not Path(file).is_file()]
    try:
        if unset:
            why = f"Dask's configuration here has no {' and no '.join(unset)}"
        elif gone:
            why = f"there is no file {one_line(gone[0])}, which Dask's configuration here names"
        else:
            distributed.Security().get_connection_args("client")
            return
    except (OSError, ValueError) as error:
        why = f"those that Dask's configuration here names cannot be used ({said(error)})"
    raise UsageError(f"The Dask scheduler at {address} asks for certificates, and {why}: {HOW_TO_ENCRYPT}.")
