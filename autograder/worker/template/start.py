"""Start the template: into its namespaces while the process is small, then everything is imported inside.

python -m autograder.worker.template.start SETTINGS
"""

from __future__ import annotations

import errno
import gc
import os
import sys

import msgspec

from autograder.worker.sandbox.namespaces import Namespaces, enter_namespaces
from autograder.worker.template.settings import TemplateSettings


def main() -> None:
    """Serve as the template; the settings are the only argument."""
    settings = msgspec.json.decode(sys.argv[1], type=TemplateSettings)
    number = os.getpid()  # before namespaces count anew
    namespaces = Namespaces()
    if settings.sandboxed:
        namespaces = enter_namespaces(settings.control_descriptors, settings.hidden)

    gc.disable()  # what is imported stays
    from autograder.worker.template.template import Template

    try:
        template = Template(settings, number, namespaces)
    except OSError as broken:
        if broken.errno not in (errno.EMFILE, errno.ENFILE, errno.ENOMEM):
            raise
        sys.exit(1)  # the trusted side says which of its limits is too low
    template.serve()
    os._exit(0)  # to take down all that it has imported would keep the run waiting


if __name__ == "__main__":
    main()
