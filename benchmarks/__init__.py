"""Speed and size of Vernis, as ratios to what the servers do alone: `make bench`."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line does
