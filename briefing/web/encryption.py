"""TLS: whom to trust, and how to say why somebody is not trusted."""

from __future__ import annotations

import os
import ssl
from functools import cache
from pathlib import Path

from briefing.errors import UsageError

# X509_V_ERR_* of OpenSSL's x509_vfy.h
_CERTIFICATE = {
    9: "its certificate is not valid yet; is this machine's clock right?",
    10: "its certificate has expired; its owner must renew it",
    18: "its certificate is self-signed",
    19: "its certificate comes from a self-signed authority that this machine does not trust",
    20: "its certificate comes from an authority that this machine does not trust, or an intermediate one is missing",
    21: "its certificate comes from an authority that this machine does not trust, or an intermediate one is missing",
    23: "its certificate was revoked",
    62: "its certificate is for another host name",
    64: "its certificate is for another address",
}
_OLD = ("UNSUPPORTED_PROTOCOL", "PROTOCOL_VERSION", "WRONG_SSL_VERSION", "NO_PROTOCOLS_AVAILABLE", "VERSION_TOO_LOW")
_NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


def trusting_the_system() -> ssl.SSLContext:
    """TLS 1.2 and later, verified against the system's authorities; SSL_CERT_FILE or SSL_CERT_DIR names others.

    Where the system has none, against those that certifi carries, if it is installed. Made once, for reading them takes
    time. Raises UsageError where what is named cannot be read.
    """
    named = os.environ.get("SSL_CERT_FILE") or None, os.environ.get("SSL_CERT_DIR") or None
    try:
        return _trusting(*named)
    except OSError as error:
        raise UsageError(f"SSL_CERT_FILE, SSL_CERT_DIR: no certificates can be read there ({error})") from error


@cache
def _trusting(named_file: str | None, named_folder: str | None) -> ssl.SSLContext:
    import httpcore2

    context = httpcore2.default_ssl_context()  # it reads the two names, and knows where systems keep theirs
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if named_file or named_folder or type(context) is not ssl.SSLContext or _has_authorities(context):
        return context
    try:
        import certifi
    except ImportError:
        return context
    context.load_verify_locations(certifi.where())
    return context


def _has_authorities(context: ssl.SSLContext) -> bool:
    """Those in a folder are read when one is needed, so that there being any has to do."""
    folder = ssl.get_default_verify_paths().capath
    return bool(context.cert_store_stats()["x509_ca"]) or (bool(folder) and any(Path(folder).iterdir()))


def why_refused(error: ssl.SSLError | ValueError) -> str:
    """What was wrong, told apart: the certificate's age, name or issuer, an old protocol, no TLS at all."""
    if isinstance(error, ssl.SSLCertVerificationError):
        reason = _CERTIFICATE.get(error.verify_code, f"its certificate was refused: {error.verify_message}")
        return f"no trust: {reason}"
    name = getattr(error, "reason", None) or ""
    if any(old in name for old in _OLD):
        return "it speaks only TLS 1.1 or older, or another TLS than ours; its owner must update it"
    if any(sign in name for sign in _NO_TLS):
        return "it does not speak TLS at this port; is it http?"
    if isinstance(error, ssl.SSLEOFError):
        return "it closed the connection while TLS was agreed on"
    return f"no TLS connection: {name or error}"
