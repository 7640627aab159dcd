"""Has the archiver copy in parts from 8 MB on: a Python with this folder in its PYTHONPATH runs this first.

In earnest that begins at 5 GB, CopyObject's own limit, with parts of 1 GB. No setting can change either.
"""

from __future__ import annotations

import sys

if "services.archiver" in sys.orig_argv:
    from shared.objects.copying import Copier

    storage_class, *_ = Copier.__init__.__defaults__ or ()
    Copier.__init__.__defaults__ = (storage_class, 8_000_000, 6_000_000)
