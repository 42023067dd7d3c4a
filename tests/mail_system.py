"""A real mail system: Postfix takes mail on, Dovecot says who may hand it in, and shows it; as Debian packages them.

    with running({"ada@example.test": "ada"}) as system:
        ...  # handed in at system.submission, by STARTTLS and with a password
        system.settled()
        system.letters("ada")  # by IMAP over TLS

It has configuration, queue, mailboxes and certificate in a temporary folder of its own, listens on loopback alone, at
ports of its own, and hands nothing on to anywhere. It ends with the process that started it.
"""

from __future__ import annotations

import imaplib
import json
import os
import pwd
import secrets
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import trustme

from tests.postgres import _free_port

VARIABLE = "BRIEFING_TEST_MAIL"  # `required`: its absence is a failure
PACKAGES = "postfix dovecot-imapd"
HOST = "127.0.0.1"
USER = "briefing"  # who hands mail in
_OWNER = "nobody"  # of the mailboxes
_START = 30.0

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {folder}/postfix.log
maillog_file_prefixes = {folder}
myhostname = mail.example.test
mydestination =
alias_maps =
local_recipient_maps =
inet_protocols = ipv4
virtual_mailbox_domains = {domains}
virtual_mailbox_maps = texthash:{folder}/postfix/mailboxes
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{owner}
virtual_gid_maps = static:{group}
default_transport = error:this system hands nothing on
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {folder}/certificate.pem
smtpd_tls_key_file = {folder}/key.pem
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/login
smtpd_recipient_restrictions = permit_sasl_authenticated, reject
"""

# The services that taking mail on and putting it into mailboxes needs, none of them in a chroot.
_MASTER = """\
{host}:{submission} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
"""

_DOVECOT = """\
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = {host}
ssl = required
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/key.pem
mail_location = maildir:{folder}/mail/%u
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = {folder}/passwords
}}
userdb {{
  driver = static
  args = uid={owner} gid={group} home={folder}/mail/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {imap}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/login {{
    user = postfix
    mode = 0600
  }}
}}
"""


class System:
    """A running mail system. `authority` is the file of the authority that its certificate is of.

    The password is of `USER`, who hands mail in, and of every mailbox; it is of no other system.
    """

    def __init__(self, folder: Path, mailboxes: Mapping[str, str]) -> None:
        self.folder = folder
        self.submission, self.imap = _free_port(), _free_port()
        self.password = f"{secrets.token_hex(8)} ü"
        self.authority = folder / "authority.pem"
        self._mailboxes = dict(mailboxes)
        self._processes: list[subprocess.Popen[bytes]] = []
        self._keeper: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        self._write()
        self._begin(["dovecot", "-F", "-c", str(self.folder / "dovecot.conf")])
        subprocess.run(["postfix", "-c", str(self.folder / "postfix"), "check"], check=True, capture_output=True)
        self._begin([f"{_daemons()}/master", "-c", str(self.folder / "postfix"), "-s"])
        numbers = [str(one.pid) for one in self._processes]
        self._keeper = subprocess.Popen(["sh", "-c", 'cat; kill "$@"', "sh", *numbers], stdin=subprocess.PIPE)
        for port in (self.submission, self.imap):
            self._await(port)

    def stop(self) -> None:
        """End it, as the end of the process that started it does."""
        if self._keeper is not None and self._keeper.stdin is not None:
            self._keeper.stdin.close()
            self._keeper.wait(_START)
        for process in self._processes:
            process.terminate()
            process.wait(_START)

    def settled(self) -> None:
        """Wait until all mail is in its mailbox."""
        end = time.monotonic() + _START
        while self.queue():
            assert time.monotonic() < end, self.log()
            time.sleep(0.05)

    def queue(self) -> list[str]:
        """The recipients of what Postfix has not put anywhere yet."""
        command = ["postqueue", "-c", str(self.folder / "postfix"), "-j"]
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [to["address"] for line in told.splitlines() for to in json.loads(line)["recipients"]]

    def letters(self, name: str) -> list[bytes]:
        """What is in a mailbox, as its owner's program reads it."""
        context = ssl.create_default_context(cafile=self.authority)
        with imaplib.IMAP4_SSL(HOST, self.imap, ssl_context=context) as imap:
            imap.authenticate("PLAIN", lambda _: f"\0{name}\0{self.password}".encode())
            imap.select(readonly=True)
            numbers = imap.search(None, "ALL")[1][0].split()
            found = [imap.fetch(number, "(BODY.PEEK[])")[1][0] for number in numbers]
            return [one[1] for one in found if isinstance(one, tuple)]

    def log(self) -> str:
        """What both have said so far."""
        files = (self.folder / "postfix.log", self.folder / "dovecot.log")
        return "".join(file.read_text() for file in files if file.exists())

    def _write(self) -> None:
        owner = pwd.getpwnam(_OWNER)
        for name in ("postfix", "queue", "data", "mail"):
            (self.folder / name).mkdir()
        os.chown(self.folder / "mail", owner.pw_uid, owner.pw_gid)
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, -1)
        authority = trustme.CA()
        authority.cert_pem.write_to_path(self.authority)
        certificate = authority.issue_cert(HOST)
        certificate.cert_chain_pems[0].write_to_path(self.folder / "certificate.pem")
        passwords = "".join(f"{name}:{{PLAIN}}{self.password}\n" for name in (USER, *self._mailboxes.values()))
        certificate.private_key_pem.write_to_path(self.folder / "key.pem")
        words = {
            "folder": self.folder,
            "host": HOST,
            "submission": self.submission,
            "imap": self.imap,
            "owner": owner.pw_uid,
            "group": owner.pw_gid,
            "domains": " ".join(sorted({address.rpartition("@")[2] for address in self._mailboxes})),
        }
        files = {
            "postfix/main.cf": _MAIN.format(**words),
            "postfix/master.cf": _MASTER.format(**words),
            "postfix/mailboxes": "".join(f"{address} {name}/\n" for address, name in self._mailboxes.items()),
            "dovecot.conf": _DOVECOT.format(**words),
            "passwords": passwords,
        }
        for name, text in files.items():
            (self.folder / name).write_text(text, encoding="utf-8")
        for name in ("key.pem", "passwords"):
            (self.folder / name).chmod(0o600)
        os.chown(self.folder / "passwords", pwd.getpwnam("dovecot").pw_uid, -1)

    def _begin(self, command: Sequence[str]) -> None:
        with (self.folder / "output").open("ab") as output:
            self._processes.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output))

    def _await(self, port: int) -> None:
        end = time.monotonic() + _START
        while True:
            try:
                with socket.create_connection((HOST, port), 1):
                    return
            except OSError:
                if any(one.poll() is not None for one in self._processes) or time.monotonic() > end:
                    raise RuntimeError(f"{(self.folder / 'output').read_text()}{self.log()}") from None
            time.sleep(0.02)


def lacking() -> str | None:
    """Why there can be no mail system here; None where there can be one."""
    if any(shutil.which(program) is None for program in ("postfix", "postconf", "dovecot")):
        return f"no Postfix and Dovecot: apt-get install {PACKAGES}"
    return "Postfix and Dovecot start only as root" if os.geteuid() != 0 else None


@contextmanager
def running(mailboxes: Mapping[str, str]) -> Iterator[System]:
    """A mail system with mailboxes, by address; one may have several. Raises RuntimeError where there can be none."""
    why = lacking()
    if why is not None:
        raise RuntimeError(why)
    folder = Path(tempfile.mkdtemp(prefix="briefing-"))
    folder.chmod(0o755)  # each of their programs runs as a user of its own
    system = System(folder, mailboxes)
    try:
        system.start()
        yield system
    finally:
        system.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _daemons() -> str:
    command = ["postconf", "-dh", "daemon_directory"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
