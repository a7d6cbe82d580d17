"""The two streams: standard output for the result alone, standard error for notes, progress and errors."""

from __future__ import annotations

import contextlib
import enum
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from ckaudit.model.errors import CkauditError, ExitStatus, OutputError

if TYPE_CHECKING:
    from ckaudit.kit.credentials import Credential


CREDENTIAL_VARIABLES = ("KIT_API_KEY", "KIT_ACCESS_TOKEN")
MIN_HIDDEN = 8
"""Characters. Hiding a shorter word would make text unreadable, and no key is as short."""


class ColourWhen(enum.StrEnum):
    """The values of ``--color``."""

    AUTO = "auto"
    ALWAYS = "always"
    NEVER = "never"


class Outcome:
    """What a command has to say: text for standard output, and the exit status. ``gives_orders``: the text is meant for GitHub to obey."""

    def __init__(self, text: str = "", status: ExitStatus = ExitStatus.CLEAN, *, gives_orders: bool = False) -> None:
        self.text = text
        self.status = status
        self.gives_orders = gives_orders


class Terminal:
    """How loud and how colourful to be. ``verbosity`` is -1 for ``-q``, else the number of ``-v``.

    ``credentials`` are those in use, wherever they came from: no crash text may show them.
    """

    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = environ
        self.verbosity = 0
        self.colour = ColourWhen.AUTO
        self.credentials: tuple[Credential, ...] = ()

    def note(self, text: str) -> None:
        """Say something on standard error, unless ``-q`` was given."""
        if self.verbosity >= 0:
            self.say(text)

    def say(self, text: str) -> None:
        """Say something on standard error whatever was asked."""
        write_error(_plain(self.hidden(text)) + "\n")

    def asks(self, question: str) -> bool:
        """Ask on a terminal. No without one, with ``-q``, and in a CI system, where nobody is there to answer."""
        if self.verbosity < 0 or self.environ.get("CI") or not (is_terminal(sys.stdin) and is_terminal(sys.stderr)):
            return False
        write_error(_plain(self.hidden(question)) + " [y/N] ")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def has_colour(self, stream: TextIO | None) -> bool:
        """Whether to colour what goes to this stream."""
        return wants_colour(self.colour, self.environ, is_terminal(stream))

    def has_links(self, stream: TextIO | None) -> bool:
        """Whether this stream shows links."""
        return shows_links(self.environ, is_terminal(stream))

    def error(self, error: CkauditError) -> None:
        """Say what went wrong."""
        start, end = ("\x1b[1;31m", "\x1b[0m") if self.has_colour(sys.stderr) else ("", "")
        write_error(f"{start}error:{end} {_plain(self.hidden(str(error)))}\n")

    def traceback(self, error: BaseException) -> None:
        """With ``-v -v``: how an unexpected error came about, without credentials and people's addresses."""
        import traceback

        if self.verbosity >= 2:
            text = scrub("".join(traceback.format_exception(error)), self.environ)
            write_error(_plain(self.hidden(text)))

    def hidden(self, text: str) -> str:
        """The text without the credentials in use: a file with a key, named in place of another, is quoted by the error about it."""
        for credential in self.credentials:
            text = credential.hide_in(text)
        given = [self.environ.get(name, "").strip() for name in CREDENTIAL_VARIABLES]
        if any(len(secret) >= MIN_HIDDEN and secret in text for secret in given):
            text = scrub(text, self.environ, only=CREDENTIAL_VARIABLES)
        return text


def wants_colour(when: ColourWhen, environ: Mapping[str, str], terminal: bool) -> bool:
    """``--color`` decides, then ``NO_COLOR``, then ``FORCE_COLOR``, then ``TERM=dumb``, then whether a terminal is there."""
    if when is not ColourWhen.AUTO:
        return when is ColourWhen.ALWAYS
    if environ.get("NO_COLOR"):
        return False
    forced = environ.get("FORCE_COLOR", "")
    if forced:
        return forced != "0"
    return terminal and environ.get("TERM") != "dumb"


def shows_links(environ: Mapping[str, str], terminal: bool) -> bool:
    """Whether a terminal takes links (OSC 8): ``FORCE_HYPERLINK`` decides, else the programs that are known to. Others might print what
    is meant for them, and what multiplexes terminals does not say which one it is in."""
    forced = environ.get("FORCE_HYPERLINK", "")
    if forced:
        return forced != "0"
    if not terminal or environ.get("TERM", "").startswith(("dumb", "screen", "tmux", "linux")):
        return False
    vte = environ.get("VTE_VERSION", "")
    named = environ.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm", "vscode", "ghostty", "Hyper", "rio")
    own = any(environ.get(name) for name in ("WT_SESSION", "KITTY_WINDOW_ID", "KONSOLE_VERSION", "DOMTERM"))
    return (
        named or own or (vte.isdigit() and int(vte) >= 5000) or environ.get("TERM") in ("xterm-kitty", "alacritty", "foot", "xterm-ghostty")
    )


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person sees this stream; a closed one is seen by nobody."""
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


def width(stream: TextIO | None, most: int = 120) -> int:
    """Columns to use: those of ``COLUMNS`` or of the terminal, at most ``most``; 80 for pipes and files."""
    import shutil

    if not is_terminal(stream) and not os.environ.get("COLUMNS", "").isdigit():
        return 80
    return max(60, min(most, shutil.get_terminal_size().columns))


def harmless_in_logs(text: str) -> str:
    """The text without lines that the log of a CI system would obey."""
    if not any(mark in text for mark in ("::", "##", "--- ", "+++ ", "~~~ ")):
        return text
    from ckaudit.render.plain import defused

    return defused(text)


def write_output(text: str) -> None:
    """Write the result. A reader that went away is not an error.

    Raises:
        OutputError: standard output cannot be written.
    """
    stream = sys.stdout
    if not text or stream is None:
        return
    try:
        if is_terminal(stream):
            stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding))
        else:
            stream.flush()
            stream.buffer.write(text.encode("utf-8", "replace"))
        stream.flush()
    except BrokenPipeError:
        silence(stream)
    except OSError as error:
        silence(stream)
        raise OutputError(f"cannot write to standard output: {error.strerror}", hint="Check the free space.") from None


def write_bytes(path: Path, data: bytes, *, shared: bool = False) -> None:
    """Write a file whole or not at all; ``shared`` as in ``write_atomically``. Raises OutputError."""
    from ckaudit.sources.files import write_atomically

    write_atomically(path, data, shared=shared)


def write_error(text: str) -> None:
    """Write to standard error; when nobody reads it, so be it."""
    stream = sys.stderr
    if stream is None:
        return
    try:
        stream.write(text.encode(stream.encoding, "replace").decode(stream.encoding))
        stream.flush()
    except (OSError, ValueError):
        silence(stream)


def silence(stream: TextIO) -> None:
    """Let what is still buffered go nowhere, so that Python does not complain about it at the end."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def scrub(text: str, environ: Mapping[str, str], only: tuple[str, ...] = ()) -> str:
    """The text without what the environment keeps secret. ``only``: these variables alone; otherwise every one whose name sounds like a
    secret, and email addresses go as well."""
    import re

    from ckaudit.kit.credentials import hide_secret

    secret = re.compile(r"KEY|TOKEN|SECRET|PASS|CREDENTIAL|COOKIE|^KIT_(?!API_URL$)")
    for name, value in environ.items():
        named = name in (only or CREDENTIAL_VARIABLES)
        if value.strip() and (named or (not only and len(value.strip()) >= MIN_HIDDEN and secret.search(name.upper()))):
            text = hide_secret(text, value.strip())
    if only:
        return text
    return re.sub(r"[\w.+%-]{1,100}(?:@|%40|\\u0040|&#64;|&#x40;|&commat;)[\w-]+(\.[\w-]+)+", "[address]", text, flags=re.IGNORECASE)


def _plain(text: str) -> str:
    from ckaudit.render.plain import clean, defused

    return defused(clean(text, keep_newlines=True))
