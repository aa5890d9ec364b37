"""The default run gives static files no hashed names, so browsers have to ask for each anew, but for those of
libraries: what was installed does not change under anybody's hands, and is most of what a page of the admin has.
"""

import os
from wsgiref.headers import Headers

KEEP_SECS = 3600
INSTALLED = f"{os.sep}site-packages{os.sep}"


def keep(headers: Headers, path: str, _url: str) -> None:
    """For WhiteNoise."""
    if INSTALLED in path:
        headers["Cache-Control"] = f"public, max-age={KEEP_SECS}"
