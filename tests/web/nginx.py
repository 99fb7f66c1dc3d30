"""A real nginx with the file that is delivered, on free ports and with a certificate of its own."""

import datetime
import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from asl_core.settings import ROOT
from tests.processes import free_port, wait_for

CONFIG = ROOT / "deploy" / "nginx.conf"
NGINX = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")  # where users need not look
NAME = "asl.example.org"
CERTIFICATE = f"/etc/letsencrypt/live/{NAME}/fullchain.pem"
KEY = f"/etc/letsencrypt/live/{NAME}/privkey.pem"
SECOND = "8502"

AROUND = """
daemon off;
{user}
pid {home}/pid;
error_log {home}/error.log;
events {{}}
http {{
    access_log {home}/access.log;
    client_body_temp_path {home}/body;
    proxy_temp_path {home}/proxy;
    fastcgi_temp_path {home}/fastcgi;
    uwsgi_temp_path {home}/uwsgi;
    scgi_temp_path {home}/scgi;
    types {{ text/html html; }}
    {site}
}}
"""
"""What Debian's `nginx.conf` is to the site, for whoever runs the tests."""


def make_certificate(certificate: Path, key: Path) -> None:
    """A certificate for `localhost` that it signs itself, valid for a day."""
    secret = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(secret.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(secret, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    key.write_bytes(
        secret.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )


class Nginx:
    """nginx before one or two servers.

    Args:
        home: its folder.
        ports: of the servers.
    """

    def __init__(self, home: Path, *ports: int) -> None:
        home.mkdir(exist_ok=True)
        self.port, self.plain_port = free_port(), free_port()
        self.url = f"https://localhost:{self.port}/asl"
        self.log = home / "error.log"
        self._certificate = home / "certificate.pem"
        make_certificate(self._certificate, home / "key.pem")
        (home / "nginx.conf").write_text(self._config(home, *ports))
        assert NGINX
        self._command = [
            NGINX,
            "-p",
            str(home),
            "-e",
            str(self.log),
            "-c",
            str(home / "nginx.conf"),
        ]
        subprocess.run([*self._command, "-t"], check=True, capture_output=True)
        self._process = subprocess.Popen(self._command)
        wait_for(self._listens)

    def _listens(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    def _config(self, home: Path, *ports: int) -> str:
        lines = CONFIG.read_text().splitlines()
        if len(ports) == 1:  # as the file says
            lines = [line for line in lines if SECOND not in line]
        site = "\n".join(lines)
        changes = {
            "listen 443 ": f"listen {self.port} ",
            "listen 80;": f"listen {self.plain_port};",
            CERTIFICATE: str(self._certificate),
            KEY: str(home / "key.pem"),
            NAME: "localhost",
            **{str(8501 + number): str(port) for number, port in enumerate(ports)},
        }
        for old, new in changes.items():
            assert old in site, old
            site = site.replace(old, new)
        user = "user root;" if os.geteuid() == 0 else ""  # the folders of tests are its own
        return AROUND.format(home=home, site=site, user=user)

    def context(self) -> ssl.SSLContext:
        """What a client needs that believes its certificate and no other."""
        return ssl.create_default_context(cafile=str(self._certificate))

    def stop(self) -> None:
        """End it, and see that it had nothing to say of its configuration."""
        self._process.terminate()
        self._process.wait(20)
        assert "[emerg]" not in self.log.read_text()
