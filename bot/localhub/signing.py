"""The signature that GitHub puts on commits it makes itself.

It signs nothing here, but it stands in the commit object and differs each time. So the SHA of such a commit cannot be
computed by a client beforehand, exactly as on GitHub, and code that relies on knowing it fails here too.
"""

import base64
import secrets
import textwrap


def sign() -> str:
    """A fresh armoured block for the `gpgsig` header."""
    nonce = base64.b64encode(secrets.token_bytes(192)).decode()
    lines = "\n".join(textwrap.wrap(nonce, 64))
    return f"-----BEGIN PGP SIGNATURE-----\n\n{lines}\n-----END PGP SIGNATURE-----"
