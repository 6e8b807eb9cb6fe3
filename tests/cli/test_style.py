"""One style over all commands: where URLs come from, what pipes get, what Ctrl-C leaves, settings, help."""

from __future__ import annotations

import io
import json
import os
import pty
import re
import shlex
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import BashComplete

from scrapeguard.cli import COMMANDS, cli
from scrapeguard.cli.config import KEYS, TEMPLATE
from scrapeguard.cli.options import Asker
from scrapeguard.cli.output import Waiting
from scrapeguard.model.decision import Decision
from scrapeguard.transport.memory import MemoryTransport

Run = Callable[..., Any]
SITE = {"https://example.com/robots.txt": "User-agent: *\nDisallow: /private", "https://example.com/": "<p>Hello"}
OPEN, CLOSED = "https://example.com/open", "https://example.com/private/x"


@pytest.fixture(autouse=True)
def _site_and_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("scrapeguard.transport.requests.RequestsTransport", lambda *_, **__: MemoryTransport(SITE))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SCRAPEGUARD_CONFIG", raising=False)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_choice_every_command_has_an_example_in_its_help_that_it_takes(run: Run, name: str) -> None:
    ran = run(name, "--help")
    assert ran.status == 0
    examples = re.search(r"Examples?:\n((?: +scrapeguard .*\n)+)", ran.out)
    assert examples
    for line in examples[1].splitlines():
        words = shlex.split(line)
        assert words[:2] == ["scrapeguard", name]
        command = cli.get_command(click.Context(cli), name)
        assert command is not None
        with command.make_context(name, words[2:]) as context:
            assert context.params is not None


@pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"init", "report", "watch"}))
def test_choice_every_command_that_answers_writes_json_lines_when_asked(run: Run, name: str) -> None:
    assert re.search(r"^ +--json +JSON lines", run(name, "--help").out, re.MULTILINE)


def test_choice_what_was_typed_wrongly_names_the_help_that_shows_an_example(run: Run) -> None:
    ran = run("check", OPEN, "--purpse", "search")
    assert (ran.status, len(ran.err.splitlines())) == (2, 1)
    assert ran.err.endswith("scrapeguard check --help shows an example\n")


def test_choice_urls_come_from_arguments_files_and_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("list.txt").write_text(f"\ufeff# mine\n{CLOSED}\n\n  {OPEN}  \n", encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{OPEN}\n"))
    ran = run("check", CLOSED, "list.txt", "-", "-p", "search", "--json")
    assert [json.loads(line)["url"] for line in ran.out.splitlines()] == [CLOSED, CLOSED, OPEN, OPEN]
    assert ran.status == 1


@pytest.mark.parametrize(("args", "lines"), [(["check", "-p", "search"], 1), (["matrix"], 10), (["signals"], 1)])
def test_choice_what_is_no_url_is_named_and_the_others_are_answered(run: Run, args: list[str], lines: int) -> None:
    ran = run(*args, "-", "--json", given=f"{OPEN}\nnonsense\n{OPEN}\n".encode())
    assert (ran.status, len(ran.out.splitlines()), len(ran.err.splitlines())) == (2, 2 * lines, 1)
    assert "nonsense" in ran.err


def test_choice_an_empty_list_is_an_error_and_no_yes(run: Run) -> None:
    Path("list.txt").write_text("# nothing\n", encoding="utf-8")
    ran = run("check", "list.txt", "-p", "search")
    assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)


def test_choice_ctrl_c_leaves_what_was_done(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Asker.ask

    def stopping(self: Asker, url: str, purpose: Any) -> Decision:
        if url == CLOSED:
            raise KeyboardInterrupt
        return ask(self, url, purpose)

    monkeypatch.setattr(Asker, "ask", stopping)
    ran = run("check", OPEN, CLOSED, OPEN, "-p", "search", "--json")
    assert ran.status == 130
    assert [json.loads(line)["url"] for line in ran.out.splitlines()] == [OPEN]
    assert "after 1 of 3" in ran.err


@pytest.mark.parametrize(
    "args",
    [
        ["matrix", OPEN],
        ["signals", OPEN],
        ["purposes"],
        ["check", OPEN, CLOSED, "-p", "search"],
        ["robots", OPEN, "-u", CLOSED],
        ["terms", OPEN],
        ["demo"],
    ],
    ids=lambda args: args[0],
)
def test_choice_a_pipe_gets_no_rules_and_no_colours(run: Run, args: list[str]) -> None:
    out = run(*args).out
    assert not re.search("[─│┃━┏└┌]|\x1b", out)


def on_a_terminal(args: list[str], **environment: str) -> str:
    """What the command writes to a terminal of its own."""
    pid, fd = pty.fork()
    if pid == 0:  # pragma: no cover - the child
        os.environ.update(environment, TERM="xterm-256color", COLUMNS="120")
        os.execv(sys.executable, [sys.executable, "-c", "from scrapeguard.cli import main; main()", *args])
    out = b""
    while True:
        try:
            part = os.read(fd, 65536)
        except OSError:  # Linux ends a terminal so
            break
        if not part:
            break
        out += part
    os.close(fd)
    os.waitpid(pid, 0)
    return out.decode()


def test_choice_a_terminal_gets_rules_and_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).resolve().parents[2]))
    assert "┃" in on_a_terminal(["purposes"])
    plain = on_a_terminal(["demo"], NO_COLOR="1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", plain)


def test_choice_progress_shows_count_rate_and_time_left_on_standard_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    err = Terminal()
    monkeypatch.setattr(sys, "stderr", err)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setattr("scrapeguard.cli.output.PROGRESS_AFTER", 0.0)
    with Waiting("reading") as waiting:
        for number in waiting.over(range(4)):
            time.sleep(0.15)
            with waiting.aside():
                assert number < 4
    assert re.search(r"reading .*[1-3]/4 .*/s +0:00:0\d left", err.getvalue())


def test_choice_progress_says_nothing_where_nobody_watches(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scrapeguard.cli.output.PROGRESS_AFTER", 0.0)
    with Waiting("reading") as waiting:
        assert list(waiting.over("abc")) == ["a", "b", "c"]
        time.sleep(0.05)
    assert capsys.readouterr().err == ""


class TestSettings:
    """Options win over the environment, the environment over the file, the file over the defaults."""

    def test_choice_init_writes_only_comments_and_never_over_a_file(self, run: Run) -> None:
        ran = run("init")
        assert ran.status == 0
        text = Path("scrapeguard.toml").read_text(encoding="utf-8")
        assert text == TEMPLATE
        assert all(line.startswith("#") or not line for line in text.splitlines())
        assert str(Path("scrapeguard.toml").absolute()) in ran.out
        assert run("init").status == 2
        assert run("init", "--force").status == 0
        assert run("check", OPEN, "-p", "access").status == 0

    def test_choice_every_line_of_the_template_is_a_setting_that_is_read(self, run: Run) -> None:
        lines = re.findall(r"^#([a-z-]+) = ", TEMPLATE, re.MULTILINE)
        assert lines == list(KEYS)
        Path("agreements.toml").write_text("", encoding="utf-8")
        uncommented = re.sub(r"^#(?=[a-z-]+ = )", "", TEMPLATE, flags=re.MULTILINE)
        Path("scrapeguard.toml").write_text(uncommented.replace("standard", "strict"), encoding="utf-8")
        ran = run("check", OPEN, "-p", "access", "--json")
        found = json.loads(ran.out)
        assert (found["product_token"], found["profile"], found["commercial"]) == ("examplebot", "strict", False)
        assert Path("policies.db").is_file()

    def test_choice_the_order_is_option_environment_file_default(
        self, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def token(*args: str) -> str:
            return str(json.loads(run("check", OPEN, "-p", "access", "--json", *args).out)["product_token"])

        assert token() == "scrapeguard"
        Path("scrapeguard.toml").write_text('agent = "filebot/1"\n', encoding="utf-8")
        assert token() == "filebot"
        monkeypatch.setenv("SCRAPEGUARD_AGENT", "envbot/1")
        assert token() == "envbot"
        assert token("--agent", "optionbot/1") == "optionbot"

    def test_choice_paths_in_the_file_count_from_its_folder(
        self, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "far").mkdir()
        (tmp_path / "far" / "s.toml").write_text('store = "kept.db"\n', encoding="utf-8")
        monkeypatch.setenv("SCRAPEGUARD_CONFIG", str(tmp_path / "far" / "s.toml"))
        run("check", OPEN, "-p", "access")
        assert (tmp_path / "far" / "kept.db").is_file()

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ('agnt = "x"', "did you mean 'agent'"),
            ("agent = 5", "a text in quotes"),
            ("commercial = 'no'", "true or false"),
            ("=", "cannot be read"),
        ],
    )
    def test_choice_faults_are_one_line(self, run: Run, text: str, says: str) -> None:
        Path("scrapeguard.toml").write_text(text, encoding="utf-8")
        ran = run("check", OPEN, "-p", "access")
        assert (ran.status, ran.out, len(ran.err.splitlines())) == (2, "", 1)
        assert says in ran.err

    def test_choice_a_named_file_that_is_not_there_is_an_error(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SCRAPEGUARD_CONFIG", "nowhere.toml")
        ran = run("check", OPEN, "-p", "access")
        assert ran.status == 2
        assert "scrapeguard init" in ran.err


def completions(words: str) -> Iterator[str]:
    complete = BashComplete(cli, {}, "scrapeguard", "_SCRAPEGUARD_COMPLETE")
    *args, last = words.split(" ")
    return (item.value for item in complete.get_completions(args, last))


def test_choice_the_shell_completes_commands_options_and_choices() -> None:
    assert "check" in completions("che")
    assert "--purpose" in completions("check --pur")
    assert set(completions("check --policy-fetch ")) == {"obey", "always"}


def test_choice_the_documented_statuses_are_those_of_the_code() -> None:
    from scrapeguard import cli as command

    page = (Path(__file__).resolve().parents[2] / "docs" / "reference" / "command-line.md").read_text(encoding="utf-8")
    table = {int(n) for n in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    statuses = {command.EXIT_ALLOWED, command.EXIT_NOT_ALLOWED, command.EXIT_UNANSWERED, command.EXIT_STOPPED}
    assert table == statuses
    rows = "".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert sorted(re.findall("`([a-z]+)`", rows)) == sorted(COMMANDS)
    assert isinstance(cli, click.Group)
