"""Start the template: into its namespaces while the process is small, then everything is imported inside.

python -m autograder.worker.template.start SETTINGS
"""

from __future__ import annotations

import gc
import os
import sys

import msgspec

from autograder.worker.sandbox.namespaces import enter_namespaces
from autograder.worker.template.settings import TemplateSettings


def main() -> None:
    """Serve as the template; the settings are the only argument."""
    settings = msgspec.json.decode(sys.argv[1], type=TemplateSettings)
    number = os.getpid()  # before namespaces count anew
    unshared = enter_namespaces(settings.control_descriptors) if settings.sandboxed else ""

    gc.disable()  # what is imported stays
    from autograder.worker.template.template import Template

    Template(settings, number, unshared).serve()


if __name__ == "__main__":
    main()
