"""Sources without their comments and blanks. Names stay: what is in a browser can still be read beside the source."""

from __future__ import annotations

from collections.abc import Callable

import rcssmin
import rjsmin

script: Callable[[str], str] = rjsmin.jsmin
sheet: Callable[[str], str] = rcssmin.cssmin
