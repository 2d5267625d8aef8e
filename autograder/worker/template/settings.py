"""What the template is told when it is started."""

from __future__ import annotations

from msgspec import Struct

from autograder.worker.sandbox.layers import Limits


class TemplateSettings(Struct, frozen=True):
    """What the template is told on its command line, as JSON.

    `sandboxed` is false only for `--isolation process`: then workers are mere processes. Where `with_gpu`, they may
    use the machine's GPU, and find no simulated accelerator: torch differentiates on one of the two only. `home` is the
    folder in which the workers' scratch folders lie; `hidden` are layers to do without, see `Sandbox`; `preload` are
    modules that every worker has, imported before its notebook begins; torch and all that it needs is there if it is
    among them.
    """

    control_descriptors: tuple[int, ...]
    secrets: tuple[str, ...]
    sandboxed: bool
    with_gpu: bool = False
    limits: Limits = Limits()
    home: str = ""
    hidden: tuple[str, ...] = ()
    preload: tuple[str, ...] = ()
