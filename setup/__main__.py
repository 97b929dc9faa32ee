"""`python3 setup COMMAND`: hands over to labkit_setup.launcher, if this Python is new enough to read it."""

# Old Pythons must be able to compile this file to say why they can't go on: no f-strings, no annotations.
import sys

OLDEST = (3, 11)

if sys.version_info[:2] < OLDEST:
    sys.stderr.write(
        "labkit needs Python {}.{} or newer, and this is Python {}.{}: start it with a newer one, "
        "for example `python3.11 setup lab`.\n".format(*(OLDEST + sys.version_info[:2]))
    )
    sys.exit(1)

if sys.argv[1:2] == ["pi"]:
    # It may be root who runs this, in somebody else's clone: no files of root's are to be left there.
    sys.dont_write_bytecode = True

from labkit_setup.launcher import main  # noqa: E402 - only a new enough Python can import it

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
