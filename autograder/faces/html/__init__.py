"""HTML pages that load nothing from anywhere: the class report, and each student's feedback."""
