"""Everything that has gone wrong with a lab before, as checks: what was seen, and what to do about it.

Nothing here changes the machine. `finding` says what a check is; each other module holds the checks of one part.
"""
