"""A PostgreSQL of its own on a free loopback port, with passwords and TLS, started and stopped by the tests."""

import socket
import subprocess
import sys
from pathlib import Path

import psycopg

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "engines"))

import serve

# Nothing outside this process's own server knows them.
OWNER = "groma"
PASSWORD = "only-for-tests"


class Server(serve.PostgreSQL):
    """Like the one that cases run on, but reached as a warehouse is: over TCP, with a password, maybe with TLS."""

    def start(self, programs):
        self.port = free_port()
        self.certificate = None
        super().start(programs)

    def settings(self):
        settings = super().settings() | {"listen_addresses": "127.0.0.1", "port": str(self.port), "max_connections": "60"}
        certificate = make_certificate(self.folder)
        if certificate:
            self.certificate, key = certificate
            self.hand_over(key)
            self.hand_over(self.certificate)
            settings |= {"ssl": "on", "ssl_cert_file": str(self.certificate), "ssl_key_file": str(key)}
        return settings

    def connect_first(self):
        """The socket in the server's own folder needs no password; everybody else does."""
        connection = psycopg.connect(
            host=str(self.folder), port=self.port, user=OWNER, dbname="postgres", autocommit=True
        )
        rules = "local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        (self.folder / "data" / "pg_hba.conf").write_text(rules)
        connection.execute(f"ALTER ROLE {OWNER} PASSWORD '{PASSWORD}'")
        connection.execute("SELECT pg_reload_conf()")
        return connection

    def database(self, name):
        """A fresh database of that name; returns its name."""
        self.connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        self.connection.execute(f'CREATE DATABASE "{name}"')
        return name

    def url(self, database, user=OWNER, password=PASSWORD, **options):
        """How to connect, as a warehouse's variable holds it."""
        further = "&".join(f"{name}={value}" for name, value in {"sslmode": "disable", **options}.items())
        return f"postgresql://{user}:{password}@127.0.0.1:{self.port}/{database}?{further}"

    def connected(self, database, user=OWNER, password=PASSWORD, **options):
        """A connection of one's own, that commits by itself."""
        return psycopg.connect(self.url(database, user, password), **{"autocommit": True, **options})


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def make_certificate(folder):
    """A certificate for 127.0.0.1 that signs itself, and its key; none where there is no openssl."""
    certificate, key = folder / "server.crt", folder / "server.key"
    command = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
        # One that signs others is not taken for a server's.
        "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate),
    ]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    key.chmod(0o600)
    return certificate, key
