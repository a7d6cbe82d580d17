"""The entry point: finds the command, prints what it returns, turns every error into a sentence and an exit status."""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import os
import sys
from collections.abc import Mapping, Sequence
from types import MappingProxyType

import click

from ckaudit.cli.terminal import Outcome, Terminal, harmless_in_logs, silence, write_output
from ckaudit.cli.verbosity import verbosity
from ckaudit.model.errors import CkauditError, ExitStatus
from ckaudit.version import __version__

# In the order of `ckaudit --help`, with the line it shows. Each module has a click command named `command`, imported when it is called.
COMMANDS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "scan": ("ckaudit.cli.scan", "Audit an account: a snapshot, a manifest, or live."),
        "pull": ("ckaudit.cli.pull", "Read your account into a snapshot, audit nothing."),
        "fleet": ("ckaudit.cli.fleet", "Several accounts: one report each, and one summary."),
        "report": ("ckaudit.cli.report", "A stored result again, in any format."),
        "discover": ("ckaudit.cli.discover", "The links found in people's timestamps."),
        "diff": ("ckaudit.cli.diff", "What changed between two results or two snapshots."),
        "suppress": ("ckaudit.cli.suppress", "Accept a finding: write it into the configuration."),
        "init": ("ckaudit.cli.init", "A commented configuration to start with."),
        "rules": ("ckaudit.cli.rules", "List the rules, or test a folder of rules."),
        "explain": ("ckaudit.cli.explain", "One rule in full, with how to fix it in Kit."),
        "manifest": ("ckaudit.cli.manifest", "List, describe and check your automations."),
        "impact": ("ckaudit.cli.impact", "What breaks if something is switched off, renamed or deleted."),
        "graph": ("ckaudit.cli.graph", "The account as a graph, for other tools."),
        "schema": ("ckaudit.cli.schema", "JSON Schemas: manifest, result, config, snapshot, fleet."),
        "completion": ("ckaudit.cli.completion", "Shell completion for bash, zsh or fish."),
    }
)

COMPLETE_VARIABLE = "_CKAUDIT_COMPLETE"


class LazyGroup(click.Group):
    """A group whose commands are modules."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of the commands, the main job first."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; None when there is no such one."""
        if cmd_name not in COMMANDS:
            return None
        found = importlib.import_module(COMMANDS[cmd_name][0]).command
        return found if isinstance(found, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in COMMANDS.items()])

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does; an unknown command is reported with the nearest one."""
        if args and not args[0].startswith("-") and args[0] not in COMMANDS:
            raise click.exceptions.NoSuchCommand(args[0], possibilities=list(COMMANDS), ctx=ctx)
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", prog_name="ckaudit", message="%(prog)s %(version)s")
@verbosity
def cli() -> None:
    """Audits a Kit (formerly ConvertKit) account: reads it, draws it as a graph, runs rules over it and says what to fix.

    \b
    Examples:
      ckaudit scan --demo             see what a result looks like
      ckaudit pull -o my-account      read your account (KIT_API_KEY)
      ckaudit scan my-account         audit it
      ckaudit explain CK202           what a rule finds and how to fix it

    Exit status: 0 nothing found, 1 findings, 2 invalid input, 3 could not complete, 4 a bug.
    """


def collect_rarely() -> None:
    """Look for garbage less often: an account is read into millions of small objects that all stay, and looking through them again and
    again takes as long as the audit itself."""
    gc.set_threshold(100_000, 20, 50)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status; never raises."""
    collect_rarely()
    terminal = Terminal(os.environ)
    given = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if COMPLETE_VARIABLE in os.environ:
            return _complete(os.environ[COMPLETE_VARIABLE])
        return _finish(_invoke(given, terminal))
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.exceptions.NoArgsIsHelpError as shown:
        terminal.say(shown.format_message())
        return ExitStatus.BAD_INPUT
    except click.ClickException as wrong:
        from ckaudit.cli.usage import usage_error

        terminal.error(usage_error(wrong, next((word for word in given if word in COMMANDS), "")))
        return ExitStatus.BAD_INPUT
    except CkauditError as error:
        terminal.error(error)
        return error.exit_status
    except (KeyboardInterrupt, click.Abort):
        terminal.say("interrupted: no file was left half written. A pull into a folder keeps what it has; run it again to go on.")
        return ExitStatus.INCOMPLETE
    except BrokenPipeError:  # somebody closed the pipe while the help was written
        silence(sys.stdout)
        return ExitStatus.CLEAN
    except Exception as bug:  # noqa: BLE001  the last resort: people get a sentence, never a traceback
        terminal.traceback(bug)
        if isinstance(bug, OSError) and (reason := _system_error(bug)):
            terminal.error(reason)
            return reason.exit_status
        terminal.error(_bug(bug, terminal.verbosity))
        return ExitStatus.BUG


def _invoke(arguments: list[str], terminal: Terminal) -> object:
    with cli.make_context("ckaudit", arguments, obj=terminal) as context:
        return cli.invoke(context)


def _complete(instruction: str) -> int:
    """Answer a shell that asks what could follow; `ckaudit completion` tells it how to ask."""
    from click.shell_completion import shell_complete

    with contextlib.suppress(CkauditError):  # nobody reads a sentence in the middle of a command line
        return shell_complete(cli, {}, "ckaudit", COMPLETE_VARIABLE, instruction)
    return ExitStatus.BAD_INPUT


def _finish(outcome: object) -> int:
    if not isinstance(outcome, Outcome):
        return ExitStatus.CLEAN
    write_output(outcome.text if outcome.gives_orders else harmless_in_logs(outcome.text))
    return outcome.status


def _system_error(error: OSError) -> CkauditError | None:
    """What the system refused, where nobody expected it: a name that is too long, a folder nobody may look into, a full disk."""
    from ckaudit.model.errors import InputError, OutputError

    if error.filename is not None:
        return InputError(f"cannot use {os.fsdecode(error.filename)}: {error.strerror}", hint="Check the name and the permissions.")
    if error.errno in (errno.ENOSPC, errno.EFBIG, errno.EIO, errno.EDQUOT):
        silence(sys.stdout)
        return OutputError(f"cannot write: {error.strerror}", hint="Check the free space.")
    return None


def _bug(bug: Exception, verbosity: int) -> CkauditError:
    from ckaudit.model.errors import BugError

    hint = "" if verbosity >= 2 else "Run the command again with -v -v and report what it prints."
    return BugError(f"ckaudit has a bug here ({type(bug).__name__}). This is not your fault.", hint=hint)
