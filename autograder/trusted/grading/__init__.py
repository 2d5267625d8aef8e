"""From submissions to records: graders, the pytest session that collects the checks, and the run of a class."""
