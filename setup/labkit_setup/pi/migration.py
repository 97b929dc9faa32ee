"""What becomes of each setting of an old Jupyter configuration: an option of `apply`, or a reason why not."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from ..errors import ConfigurationError, SetupError
from ..host import Host, User
from .addressing import address, host_name, port
from .jupyterfiles import COMPUTED, Setting
from .lan import Lan
from .notebooks import check_root_dir
from .oldcertificate import fate_of_pair

__all__ = ["Migration", "Verdict"]

Outcome = Literal["carried over", "replaced", "refused", "unknown", "overridden"]

_CODE = "the lab loads no code that a file names"
_FOREIGN = "it would let other sites in"
_PROXY = "the lab stands for itself, behind no proxy; `labkit-setup tunnel` reaches it from elsewhere"
_LISTENS = "the lab listens on all its addresses, for its local network only (`--lan` names another)"
_ASKED = "`apply` asks for a password, once; what is in the file is not looked at"
_OWN = "the lab makes a key of its own"
_ENDS = "a kernel is ended after a day without a page and without work, never one that records or drives pins"

_LONGEST = 400

# Where there is nothing to look at but the name.
_ALWAYS: dict[str, tuple[Outcome, str]] = {
    "password": ("replaced", _ASKED),
    "hashed_password": ("replaced", _ASKED),
    "allow_password_change": ("replaced", "`labkit-setup passwd` sets another password"),
    "cookie_secret": ("replaced", _OWN),
    "cookie_secret_file": ("replaced", _OWN),
    "cookie_options": ("replaced", "cookies go over https only, and to no other site"),
    "secure_cookie": ("replaced", "cookies go over https only"),
    "ssl_options": ("replaced", "TLS 1.3 only; `--tls 1.2` for old browsers"),
    "open_browser": ("replaced", "nothing opens; the address is printed, also as a QR code"),
    "browser": ("replaced", "nothing opens; the address is printed, also as a QR code"),
    "port_retries": ("replaced", "the lab never moves to another port"),
    "allow_remote_access": ("replaced", "the lab answers to its own names and addresses, and to nothing else"),
    "log_level": ("replaced", "`labkit-setup logs`"),
    "log_format": ("replaced", "`labkit-setup logs`"),
    "quit_button": ("replaced", "systemd starts and stops the lab"),
    "shutdown_no_activity_timeout": ("replaced", "systemd starts and stops the lab"),
    "transport": ("replaced", "kernels listen on private sockets (ipc)"),
    "answer_yes": ("replaced", "it asks nothing"),
    "keyfile": ("replaced", "see certfile"),
}
_ALWAYS |= dict.fromkeys(("cull_idle_timeout", "cull_interval", "cull_connected", "cull_busy"), ("replaced", _ENDS))
_LOADS = (
    "nbserver_extensions", "jpserver_extensions", "server_extensions", "extra_static_paths", "extra_template_paths",
    "extra_services", "tornado_settings", "webapp_settings", "jinja_environment_options", "kernel_manager_class",
    "contents_manager_class", "session_manager_class", "config_manager_class", "login_handler_class",
    "logout_handler_class", "identity_provider_class", "authorizer_class", "kernel_spec_manager_class",
    "pre_save_hook", "post_save_hook",
)  # fmt: skip
_ALWAYS |= dict.fromkeys(_LOADS, ("refused", _CODE))

# What is dangerous if it is set, and means nothing if it is not.
_IF_SET = {
    "token": "whoever has it would need no password",
    "allow_root": "the lab never runs as root",
    "disable_check_xsrf": _FOREIGN,
    "allow_origin": _FOREIGN,
    "allow_origin_pat": _FOREIGN,
    "allow_credentials": _FOREIGN,
    "allow_unauthenticated_access": "it would serve pages without a login",
    "trust_xheaders": _PROXY,
    "client_ca": "the lab asks browsers for no certificate, but for a password",
    "sock": "the lab serves on a port",
}
_APPLICATIONS = frozenset(
    ("NotebookApp", "ServerApp", "LabApp", "JupyterApp", "JupyterNotebookApp", "ExtensionApp", "SingleUserNotebookApp")
)
_SECTIONS = _APPLICATIONS | {
    "IdentityProvider", "PasswordIdentityProvider", "LegacyIdentityProvider", "MappingKernelManager",
    "AsyncMappingKernelManager", "MultiKernelManager", "KernelManager", "ConnectionFileMixin", "FileContentsManager",
    "ContentsManager",
}  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """What becomes of a setting.

    Attributes:
        setting: As it stands in the file.
        outcome: In one word or two.
        words: Why, or what takes its place; holds no value that may be a secret.
        options: Those of `apply` that carry it over.
    """

    setting: Setting
    outcome: Outcome
    words: str
    options: tuple[str, ...] = ()


class Migration:
    """Old settings on the machine that they are for."""

    def __init__(self, host: Host, user: User, settings: Sequence[Setting]) -> None:
        """Look at nothing yet.

        Args:
            host: The machine.
            user: Whose lab it is to be.
            settings: Of all files, those that win last.
        """
        self._host = host
        self._user = user
        self._settings = settings
        self._last = {_what(setting): setting for setting in settings}
        self._judged: dict[str, Callable[[Any], tuple[Outcome, str, tuple[str, ...]]]] = {
            "port": self._port,
            "ip": self._ip,
            "notebook_dir": self._folder,
            "root_dir": self._folder,
            "local_hostnames": self._names,
            "custom_display_url": lambda value: self._names([urlsplit(str(value)).hostname or ""]),
            "certfile": self._certificate,
            "base_url": self._base,
            "password_required": self._required,
        }

    def verdicts(self) -> list[Verdict]:
        """One for each setting, in their order."""
        return [self._verdict(setting) for setting in self._settings]

    def options(self) -> list[str]:
        """The options of `apply` that carry over what can be; each once."""
        found: dict[tuple[str, ...], None] = {}
        for verdict in self.verdicts():
            pairs = zip(verdict.options[::2], verdict.options[1::2], strict=True)
            found |= dict.fromkeys(pairs)
        return [word for pair in found for word in pair]

    def _verdict(self, setting: Setting) -> Verdict:
        name, value = setting.name, setting.value
        if setting.section not in _SECTIONS:
            return Verdict(setting, "unknown", "the lab has nothing of that kind")
        last = self._last[_what(setting)]
        if last is not setting:
            where = f"line {last.line}" if last.path == setting.path and last.line else str(last.path)
            return Verdict(setting, "overridden", f"by {where}")
        if name in _ALWAYS:
            return Verdict(setting, *_ALWAYS[name])
        if name in _IF_SET:
            if value is COMPUTED or value:
                return Verdict(setting, "refused", _IF_SET[name])
            return Verdict(setting, "replaced", "it is off in any case")
        if name not in self._judged or (name in ("port", "ip") and setting.section not in _APPLICATIONS):
            return Verdict(setting, "unknown", "the lab has no option for it")
        if value is COMPUTED:
            return Verdict(setting, "unknown", "it is computed, and no code is run; give it as an option of `apply`")
        if len(str(value)) > _LONGEST:
            return Verdict(setting, "refused", "it is longer than anything that could be meant")
        try:
            return Verdict(setting, *self._judged[name](value))
        except SetupError as error:
            return Verdict(setting, "refused", str(error).removesuffix("."))
        except ValueError:
            return Verdict(setting, "refused", "it is nothing that Jupyter could have used")

    def _port(self, value: Any) -> tuple[Outcome, str, tuple[str, ...]]:
        found = str(port(str(value)))
        return "carried over", f"--port {found}", ("--port", found)

    def _ip(self, value: Any) -> tuple[Outcome, str, tuple[str, ...]]:
        text = str(value)
        try:
            at = ip_address(text)
        except ValueError:
            return ("replaced", _LISTENS, ()) if text in ("", "*", "localhost") else self._names([text])
        if at.is_unspecified:
            return "replaced", _LISTENS, ()
        if at.is_loopback:
            return "replaced", f"{_LISTENS}; for this machine only there is `python3 setup lab`", ()
        if at in Lan.of(self._host).addresses:
            return "replaced", "the machine's own addresses are found by themselves, also when they change", ()
        found = str(address(text))
        return "carried over", f"--ip {found}", ("--ip", found)

    def _folder(self, value: Any) -> tuple[Outcome, str, tuple[str, ...]]:
        text = str(value).rstrip("/") or str(value)
        if not text:
            return "replaced", f"the notebooks are in {self._user.home / 'notebooks'}", ()
        found = str(check_root_dir(self._host, text, self._user))
        return "carried over", f"--root-dir {found}", ("--root-dir", found)

    def _names(self, value: Any) -> tuple[Outcome, str, tuple[str, ...]]:
        texts = [value] if isinstance(value, str) else list(value) if isinstance(value, Iterable) else []
        wanted = [text for text in map(str, texts) if text != "localhost" and not _is_loopback(text)]
        if not wanted:
            return "replaced", "the machine's own names are found by themselves", ()
        names = [host_name(text) for text in wanted]
        options = tuple(word for name in names for word in ("--name", name))
        return "carried over", " ".join(options), options

    def _certificate(self, value: Any) -> tuple[Outcome, str, tuple[str, ...]]:
        key = next((one.value for what, one in self._last.items() if what[1] == "keyfile"), "") or value
        if not value:
            return "replaced", "the lab has an authority and a certificate of its own", ()
        if key is COMPUTED:
            raise ConfigurationError("The key's place is computed, and no code is run; use --cert and --key.")
        fault, words = fate_of_pair(self._host, Path(str(value)), Path(str(key)))
        if fault:
            return "replaced", f"{words}; the lab makes one of its own, with an authority to be trusted once", ()
        return "carried over", words, ("--cert", str(value), "--key", str(key))

    def _base(self, value: Any) -> tuple[Outcome, str, tuple[str, ...]]:
        return ("replaced", "the lab is at /", ()) if value in ("", "/") else ("refused", _PROXY, ())

    def _required(self, value: Any) -> tuple[Outcome, str, tuple[str, ...]]:
        return ("replaced", _ASKED, ()) if value else ("refused", "nobody gets in without a password", ())


def _what(setting: Setting) -> tuple[str, str]:
    """What makes two settings the same: the classes of an application and its successors share theirs."""
    name = "root_dir" if setting.name == "notebook_dir" else setting.name
    return "" if setting.section in _APPLICATIONS else setting.section, name


def _is_loopback(text: str) -> bool:
    try:
        return ip_address(text).is_loopback
    except ValueError:
        return False
