"""The `crm` commands as a whole."""

import click
from click.testing import CliRunner
from flask.cli import AppGroup

from crm import cli


def groups(group):
    for command in group.commands.values():
        if isinstance(command, click.Group):
            yield command
            yield from groups(command)


def test_every_group_gives_its_commands_the_application():
    """A plain click.Group does not: its commands fail outside of tests, which hold an application of their own."""
    for group in groups(cli.main):
        assert isinstance(group, AppGroup), f"crm {group.name}: @click.group(cls=AppGroup)"


def test_a_setting_that_cannot_be_used_is_told_in_one_line():
    result = CliRunner().invoke(cli.main, ["worker"], env={"MAIL_PORT": "submission"})
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: MAIL_PORT='submission': write a whole number.")
    assert result.stderr.count("\n") == 1


def test_before_there_are_tables_a_command_says_what_to_do(tmp_path):
    result = CliRunner().invoke(cli.main, ["contact", "list"], env={"INSTANCE_PATH": str(tmp_path)})
    assert result.exit_code == 1
    assert result.stderr == "Error: The tables are not up to date. Run: crm db upgrade\n"
