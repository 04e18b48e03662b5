"""Agents written from the specification of OpAMP that install packages: they download what they are offered, check its
hash and its signature, and report every step. What is installed is only written down."""

import hashlib
import subprocess
import threading
import urllib.error
import urllib.request

import opamp_messages as opamp
from opamp_agent import HTTPAgent, WebSocketAgent

CAPABILITIES = opamp.REPORTS_STATUS | opamp.REPORTS_HEALTH | opamp.REPORTS_HEARTBEAT \
    | opamp.ACCEPTS_PACKAGES | opamp.REPORTS_PACKAGE_STATUSES


class Refused(Exception):
    """Why a package is not installed."""


def verify(key, statement, signature, directory):
    """Whether openssl takes a signature for that of a key."""
    files = {"key.pem": key.encode(), "statement": statement.encode(), "signature": signature}
    for name, content in files.items():
        (directory / name).write_bytes(content)
    return subprocess.run(
        ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key.pem", "-rawin", "-in", "statement", "-sigfile",
         "signature"], cwd=directory, capture_output=True).returncode == 0


class Installer:
    """What both transports share: installing an offer, and saying how far it is."""

    def prepare(self, key, directory, arch="amd64", broken=(), hold=None, hold_at="installing"):
        directory.mkdir()
        self.key, self.directory, self.arch, self.broken = key, directory, arch, broken
        self.hold, self.hold_at = hold, hold_at
        self.versions, self.hashes, self.contents = {"agent": "0.9"}, {}, {}
        self.all_hash, self.offers, self.urls = b"", [], []
        self.statuses = None
        return self

    def report(self, **parts):
        message = super().report(**parts)
        for name, value in (("os.type", "linux"), ("host.arch", self.arch)):
            pair = message.agent_description.non_identifying_attributes.add(key=name)
            pair.value.string_value = value
        if self.statuses is not None:
            message.package_statuses.CopyFrom(self.statuses)
        return message

    def status(self, offer, name, status, error="", percent=None):
        """A message that says how far a package is."""
        if self.statuses is None:
            self.statuses = opamp.AgentToServer().package_statuses
        self.statuses.server_provided_all_packages_hash = offer.all_packages_hash
        entry = self.statuses.packages[name]
        entry.name = name
        entry.agent_has_version = self.versions.get(name, "")
        entry.agent_has_hash = self.hashes.get(name, b"")
        entry.server_offered_version = offer.packages[name].version
        entry.server_offered_hash = offer.packages[name].hash
        entry.status = status
        entry.error_message = error
        entry.ClearField("download_details")
        if percent is not None:
            entry.download_details.download_percent = percent
        message = self.message()
        message.package_statuses.CopyFrom(self.statuses)
        return message

    def install(self, offer):
        """The messages of an installation, one after the other."""
        self.offers.append(offer.all_packages_hash)
        if offer.all_packages_hash == self.all_hash:
            return
        failed = False
        for name, package in sorted(offer.packages.items()):
            if self.hashes.get(name) == package.hash:
                yield self.status(offer, name, opamp.INSTALLED)
                continue
            yield self.status(offer, name, opamp.INSTALL_PENDING)
            yield self.status(offer, name, opamp.DOWNLOADING, percent=10)
            try:
                self.pause("downloading")
                content = self.fetch(name, package)
                yield self.status(offer, name, opamp.INSTALLING)
                self.pause("installing")
                if package.version in self.broken:
                    raise Refused("it does not start")
            except Refused as reason:
                failed = True
                yield self.status(offer, name, opamp.INSTALL_FAILED, str(reason))
                continue
            self.contents[name], self.versions[name], self.hashes[name] = content, package.version, package.hash
            yield self.status(offer, name, opamp.INSTALLED)
        if not failed:
            self.all_hash = offer.all_packages_hash

    def pause(self, at):
        if self.hold and self.hold_at == at:
            self.hold.wait(60)

    def fetch(self, name, package):
        file = package.file
        self.urls.append(file.download_url)
        request = urllib.request.Request(file.download_url)
        for header in file.headers.headers:
            request.add_header(header.key, header.value)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                content = answer.read()
        except urllib.error.HTTPError as error:
            raise Refused(f"the download was answered with {error.code}") from error
        digest = hashlib.sha256(content)
        if digest.digest() != file.content_hash:
            raise Refused("the file is not the one that was offered")
        kind = "top_level" if package.type == 0 else "addon"
        statement = f"apus.package/v1\n{name}\n{kind}\n{package.version}\n{digest.hexdigest()}\n"
        if not verify(self.key, statement, file.signature, self.directory):
            raise Refused("the signature is wrong")
        return content


class InstallingAgent(Installer, WebSocketAgent):
    """Runs by itself in a thread until it is closed."""

    def __init__(self, port, key, directory, capabilities=CAPABILITIES, headers=None, uid=None, **options):
        super().__init__(port, capabilities=capabilities, connected=False, headers=headers, uid=uid)
        self.prepare(key, directory, **options)
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self):
        while not self.stopped.is_set():
            try:
                self.connect(open_timeout=5)
                self.send(self.report())
                while not self.stopped.is_set():
                    try:
                        self._take(self.receive(1))
                    except TimeoutError:
                        self.send(self.message())
            except Exception:  # The manager is gone, for now or for good.
                self.stopped.wait(0.2)

    def _take(self, message):
        if message.flags & opamp.REPORT_FULL_STATE:
            self.send(self.report())
        if message.HasField("packages_available"):
            alone = {field.name for field, _ in message.ListFields()}
            assert not alone & {"command", "error_response", "remote_config"}, alone
            for step in self.install(message.packages_available):
                self.send(step)

    def close(self):
        self.stopped.set()
        super().close()
        self.thread.join(10)


class PollingInstaller(Installer, HTTPAgent):
    """Speaks when it is told to."""

    def __init__(self, port, key, directory, **options):
        super().__init__(port, capabilities=CAPABILITIES)
        self.prepare(key, directory, **options)

    def poll(self):
        answer = self.ask(self.message())
        if answer.flags & opamp.REPORT_FULL_STATE:
            answer = self.ask(self.report())
        if answer.HasField("packages_available"):
            for step in self.install(answer.packages_available):
                self.ask(step)
        return answer
