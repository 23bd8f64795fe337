"""How Faust is told who a worker is and how its connections are secured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import faust


def credentials(options: Mapping[str, Any]) -> Any:
    """Faust's form of aiokafka's keywords: of a context for TLS alone it makes credentials itself."""
    context = options.get("ssl_context")
    if (token := options.get("sasl_oauth_token_provider")) is not None:
        return faust.OAuthCredentials(oauth_cb=token, ssl_context=context)
    if "sasl_mechanism" not in options:
        return context
    return faust.SASLCredentials(
        username=options["sasl_plain_username"],
        password=options["sasl_plain_password"],
        mechanism=options["sasl_mechanism"],
        ssl_context=context,
    )
