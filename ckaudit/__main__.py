"""``python -m ckaudit``."""

import sys

from ckaudit.cli.main import main

sys.exit(main())
