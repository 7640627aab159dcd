"""Turns raw members into typed, hashed Parquet in the curated bucket."""

import os
import sys

# Read by Arrow when it is first imported, and inherited by the crew's processes. Arrow's usual allocator
# keeps what the largest columns took; this one gives it back.
if sys.platform == "linux":
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
