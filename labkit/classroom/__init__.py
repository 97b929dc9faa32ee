"""For teachers: what is handed out of a lesson, and a course to begin with."""
