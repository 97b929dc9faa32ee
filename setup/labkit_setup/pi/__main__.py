"""`python -I -m labkit_setup.pi`: the same as `labkit-setup`."""

import sys

from .main import main

sys.exit(main())
