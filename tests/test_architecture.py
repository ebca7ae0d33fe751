"""The habits of the house that can be checked by reading the code."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from crm.config import ROOT

FILES = sorted((ROOT / "crm").rglob("*.py"))
LATER = r"\b(TO" r"DO|FIX" r"ME)\b"
FORBIDDEN_NAMES = {"util.py", "utils.py", "helpers.py", "services.py", "manager.py", "dao.py"}


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_files_and_functions_are_small_and_import_at_the_top(path: Path):
    text = path.read_text()
    assert len(text.splitlines()) <= 300, f"{path} is over 300 lines"
    assert path.name not in FORBIDDEN_NAMES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno < 40, f"{path}:{node.lineno} {node.name} is over 40 lines"
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            assert not inner, f"{path}:{node.lineno} {node.name} imports inside"


def test_every_module_says_what_it_is():
    for path in FILES:
        assert ast.get_docstring(ast.parse(path.read_text())), f"{path} has no docstring"


def test_views_are_short():
    for path in FILES:
        if path.name in {"public.py", "staff.py"}:
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.FunctionDef) and node.decorator_list:
                    assert node.end_lineno - node.lineno < 25, f"{path}:{node.lineno} {node.name} is over 25 lines"


def test_imports_point_down():
    tool = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([tool, "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[-3000:]


def test_no_finished_code_waits_for_later():
    for path in FILES:
        assert not re.search(LATER, path.read_text()), path


def test_what_is_flashed_has_a_look_of_its_own():
    known = set(re.findall(r"'(\w+)': 'note-", (ROOT / "templates/parts/flash.html").read_text()))
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "flash" and len(node.args) > 1:
                category = node.args[1]
                assert not isinstance(category, ast.Constant) or category.value in known, f"{path}:{node.lineno}"
