"""Certificates for a broker on the loopback address, made on the spot: an authority that forgets its key, and one it signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from incidentlog.local.config import HOST

_DAYS, _RENEWED_DAYS = 365, 30
#: Clocks of one machine do not differ, but a container's may have been set back.
_BEFORE = timedelta(hours=1)
_SIGNING = x509.KeyUsage(
    digital_signature=True, key_cert_sign=True, crl_sign=True, content_commitment=False, key_encipherment=False,
    data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
)  # fmt: skip


def made(name: str) -> tuple[bytes, bytes]:
    """The authority's certificate, and the broker's key with its certificate, both PEM; `name` is the broker's.

    The authority's key is kept nowhere: nothing else will ever be signed by it.
    """
    signing, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = _named(f"{name}-authority")
    identifier = x509.SubjectKeyIdentifier.from_public_key(signing.public_key())
    authority = (
        _builder(authority_name, authority_name, signing.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_SIGNING, critical=True)
        .add_extension(identifier, critical=False)
        .sign(signing, hashes.SHA256())
    )
    places = [x509.IPAddress(ip_address(HOST)), x509.DNSName("localhost")]
    usages = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    broker = (
        _builder(_named(name), authority_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName(places), critical=False)
        .add_extension(x509.ExtendedKeyUsage(usages), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), critical=False)
        .sign(signing, hashes.SHA256())
    )
    pkcs8 = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem = serialization.Encoding.PEM
    return authority.public_bytes(pem), pkcs8 + broker.public_bytes(pem)


def lasts(pem: bytes) -> bool:
    """Whether the certificate in `pem` is good for another month."""
    until = x509.load_pem_x509_certificate(pem).not_valid_after_utc
    return until - datetime.now(UTC) > timedelta(days=_RENEWED_DAYS)


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _BEFORE)
        .not_valid_after(now + timedelta(days=_DAYS))
    )
