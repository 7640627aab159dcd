"""The local stack: an AWS emulator, a crawler that makes tables, and the four services, each a process."""
