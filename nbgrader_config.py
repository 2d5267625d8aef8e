"""nbgrader's settings for this course: `nbgrader <command>` reads them from the course folder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograder.faces.nbgrader import install

if TYPE_CHECKING:
    from traitlets.config import Config

    def get_config() -> Config:
        """What nbgrader puts into this file's namespace."""


c = get_config()

c.CourseDirectory.course_id = "comp90051"
c.CourseDirectory.source_directory = "source"
c.CourseDirectory.release_directory = "release"
c.CourseDirectory.submitted_directory = "submitted"

# A stub raises, so that an exercise that was not attempted can be told from one that is wrong.
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError()"}
c.ClearSolutions.enforce_metadata = True

# `nbgrader autograde` grades with the kit's engine, its hidden checks included.
install(c)
