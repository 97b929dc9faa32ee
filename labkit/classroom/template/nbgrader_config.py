"""nbgrader in this folder: lessons come from `labkit student --nbgrader`, and are graded on simulated pins."""

c = get_config()  # noqa: F821 - nbgrader's own

c.CourseDirectory.course_id = "pins"

# The cells to be answered are handed out as they are: they hold the beginning of an answer, not a solution to be cut.
c.ClearSolutions.enabled = False

# Whatever a submission sleeps and waits for takes no time.
c.Execute.extra_arguments = [
    "--HistoryManager.hist_file=:memory:",
    "--InteractiveShellApp.exec_lines=import labkit.proving.inside as _proof; _proof.begin('.', 3600.0, '', '', '')",
]
c.Execute.timeout = 120
