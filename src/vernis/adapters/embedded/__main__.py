"""The supervisor's entry point; not for people."""

import sys

from vernis.adapters.embedded.supervisor import main

main(sys.argv[1:])
