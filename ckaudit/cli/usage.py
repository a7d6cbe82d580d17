"""Problems of the command line in our words: what is wrong, what was meant, and what to type next."""

from __future__ import annotations

import re

import click

from ckaudit.model.errors import UsageError
from ckaudit.model.nearest import nearest


def usage_error(wrong: click.ClickException, command: str) -> UsageError:
    """click's exception as ours. ``command`` is the one it happened in, where click does not say."""
    context = wrong.ctx if isinstance(wrong, click.UsageError) else None
    path = context.command_path if context else f"ckaudit {command}".strip()
    more = f"`{path} --help` shows what is possible."
    match wrong:
        case click.MissingParameter():
            return UsageError(_missing(wrong), hint=more)
        case click.BadParameter() if wrong.param:
            return _bad_value(wrong, wrong.param, more)
        case click.NoSuchOption() | click.exceptions.NoSuchCommand():
            kind, name = ("option", wrong.option_name) if isinstance(wrong, click.NoSuchOption) else ("command", wrong.command_name)
            near = next(iter(wrong.possibilities or ()), None)
            return UsageError(f"there is no {kind} {name}", hint=f"Did you mean {near}? {more}" if near else more)
        case _:
            message = wrong.format_message()
            return UsageError(message[:1].lower() + message[1:].removesuffix("."), hint=more)


def _missing(wrong: click.MissingParameter) -> str:
    param = wrong.param
    if param is None:
        return wrong.format_message()
    if isinstance(param, click.Option):
        name = f"{_longest(param)} {param.make_metavar(wrong.ctx)}" if wrong.ctx else _longest(param)
        return f"{name} is missing: {(param.help or '').partition('.')[0]}"
    return f"{param.human_readable_name} is missing"


def _bad_value(wrong: click.BadParameter, param: click.Parameter, more: str) -> UsageError:
    name = _longest(param) if isinstance(param, click.Option) else param.human_readable_name
    value = re.match(r"'(.*?)' is not", wrong.message, re.DOTALL)
    if isinstance(param.type, click.Choice) and value:
        where = f"for {name}" if isinstance(param, click.Option) else "here"
        words = [str(choice) for choice in param.type.choices]
        near = nearest(value[1], words)
        hint = f"{f'Did you mean “{near}”? ' if near else ''}Possible are {', '.join(words)}."
        return UsageError(f"“{value[1]}” is not possible {where}", hint=hint)
    if isinstance(param.type, click.IntRange) and value:
        return UsageError(f"{name}: “{value[1]}” is not a whole number", hint=more)
    if isinstance(param.type, click.DateTime):
        return UsageError(f"{name}: {wrong.message.partition(' does')[0]} is not a day", hint="Write it as 2027-03-01.")
    return UsageError(f"{name}: {wrong.message.removesuffix('.')}", hint=more)


def _longest(param: click.Parameter) -> str:
    return max(param.opts, key=len)
