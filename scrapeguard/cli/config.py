"""``scrapeguard init`` and the settings file: defaults for the options of every command."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from scrapeguard.cli.output import console, prose
from scrapeguard.errors import InvalidConfiguration, ScrapeguardError

NAME = "scrapeguard.toml"
"""The file's name in a project's folder."""

KEYS: Mapping[str, type | tuple[type, ...]] = {
    "agent": str,
    "profile": str,
    "agreements": str,
    "store": str,
    "commercial": bool,
    "policy-fetch": str,
}
"""Each setting, and the type of its value."""

FILES = ("agreements", "store")
"""Settings that name files: a relative path counts from the settings file's folder."""

TEMPLATE = """\
# Settings of scrapeguard. An option on the command line wins over this file.

# The crawler's User-Agent; its product token (here: examplebot) is what robots.txt files name.
# Give an address where the people behind a site can read who you are.
#agent = "examplebot/1.0 (+https://example.com/bot)"

# What you do with a verdict: strict, standard, open, or the path of a TOML file of your own (relative to this file).
#profile = "standard"

# What sites have agreed with you, as [[agreement]] tables in a TOML file (relative to this file).
#agreements = "agreements.toml"

# Where documents and Decisions are kept: a file (relative to this file) or a database's URL.
#store = "policies.db"

# Whether your use is commercial. Leave it out where you do not know: clauses against commercial use then become conditions.
#commercial = false

# "obey": own fetches of home and terms pages obey robots.txt. "always": you have decided to read them all the same.
#policy-fetch = "obey"
"""


def places() -> list[Path]:
    """Where the file is looked for; the first that is there counts."""
    named = os.environ.get("SCRAPEGUARD_CONFIG")
    if named:
        return [Path(named)]
    return [Path(NAME), Path(click.get_app_dir("scrapeguard")) / NAME]


def settings() -> dict[str, Any]:
    """Option's name → value, from the first settings file found; empty without one.

    Raises `InvalidConfiguration` that names every fault, `ScrapeguardError` when a file that was named is not there.
    """
    for place in places():
        if place.is_file():
            return _read(place)
    if os.environ.get("SCRAPEGUARD_CONFIG"):
        raise ScrapeguardError(f"{places()[0]}: SCRAPEGUARD_CONFIG names no file; write one with scrapeguard init")
    return {}


def _read(place: Path) -> dict[str, Any]:
    try:
        data = tomllib.loads(place.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidConfiguration(str(place), [f"cannot be read: {error}"]) from error
    faults = []
    for key, value in data.items():
        if key not in KEYS:
            near = difflib.get_close_matches(key, KEYS, n=1)
            faults.append(
                f"{key}: no such setting; " + (f"did you mean {near[0]!r}?" if near else f"there are {', '.join(KEYS)}")
            )
        elif not isinstance(value, KEYS[key]):
            faults.append(f"{key} = {value!r}: write {'true or false' if KEYS[key] is bool else 'a text in quotes'}")
    if faults:
        raise InvalidConfiguration(str(place), faults)
    values = {key.replace("-", "_"): value for key, value in data.items()}
    for key in FILES:
        if key in values and "://" not in values[key]:
            values[key] = str(place.parent / values[key])
    own = place.parent / str(values.get("profile", ""))
    if str(values.get("profile", "")).endswith(".toml"):
        values["profile"] = str(own)
    return values


@click.command()
@click.option(
    "--output", "-o", default=NAME, show_default=True, metavar="FILE", help="Where to write; - for standard output."
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def init(output: str, force: bool) -> None:
    """Write a commented settings file, and show where it is looked for.

    Every line is commented out, so nothing changes until you take the sign away.

    \b
    Example:
      scrapeguard init
    """
    if output == "-":
        click.echo(TEMPLATE, nl=False)
        return
    path = Path(output)
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except FileExistsError:
        raise ScrapeguardError(f"{path} is there already; --force writes over it, -o names another") from None
    except OSError as error:
        raise ScrapeguardError(f"{path}: cannot be written ({error.strerror}); name another with -o") from error
    out = console()
    prose(out, f"wrote {path}")
    prose(out, "Looked for, the first that is there counts:")
    for place in places():
        prose(out, f"  {place.absolute()}" + ("  (in use)" if place.is_file() and place == _first() else ""))


def _first() -> Path | None:
    return next((p for p in places() if p.is_file()), None)
