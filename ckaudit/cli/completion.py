"""``ckaudit completion``: what a shell needs to complete commands and options."""

from __future__ import annotations

import click

from ckaudit.cli.options import verbosity
from ckaudit.cli.terminal import Outcome


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@verbosity
@click.pass_context
def command(context: click.Context, shell: str) -> Outcome:
    """Print the completion script for a SHELL.

    \b
    Examples:
      ckaudit completion bash > ~/.local/share/bash-completion/completions/ckaudit
      ckaudit completion zsh > "${fpath[1]}/_ckaudit"
      ckaudit completion fish > ~/.config/fish/completions/ckaudit.fish
    """
    from click.shell_completion import BashComplete, FishComplete, ZshComplete

    from ckaudit.cli.main import COMPLETE_VARIABLE

    made = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}[shell](
        context.find_root().command, {}, "ckaudit", COMPLETE_VARIABLE
    )
    return Outcome(made.source_template % made.source_vars())
