"""The tables of topics and processes agree with each other and with what is there."""

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import pytest

from building_ctrl.processes import PROCESSES, Process, process
from building_ctrl.topics import TOPICS, topic

ROOT = Path(__file__).parents[2]
OTHERS = {"adapter", "recorder"}  # what an integrator brings, and the recorder of everything


@pytest.mark.parametrize("row", PROCESSES, ids=lambda row: row.name)
def test_every_process_has_a_main(row: Process) -> None:
    found = importlib.util.find_spec(row.module)
    assert found is not None and found.origin is not None
    functions = [n for n in ast.parse(Path(found.origin).read_text()).body if isinstance(n, ast.FunctionDef)]
    main = next(f for f in functions if f.name == "main")
    assert [a.arg for a in main.args.args] == ["argv"]


def test_names_are_unique_and_unknown_ones_are_refused() -> None:
    assert len({row.name for row in PROCESSES}) == len(PROCESSES)
    with pytest.raises(KeyError, match="no process 'nobody'"):
        process("nobody")
    with pytest.raises(KeyError, match="no topic 'nothing'"):
        topic("nothing")


def test_topics_name_processes_and_have_somebody_on_both_ends() -> None:
    known = {row.name for row in PROCESSES} | OTHERS
    for row in TOPICS.values():
        assert set(row.publishers) <= known and set(row.subscribers) <= known, row.name
        assert row.publishers and row.subscribers, row.name
        assert row.depth >= 1 and row.rate_hz >= 0.0 and row.help, row.name


def test_message_types_are_ours_or_open_rmf_s_or_standard() -> None:
    interfaces = ROOT / "interfaces"
    for row in TOPICS.values():
        package, _, name = row.type_name.partition("/")
        assert re.fullmatch(r"[A-Z][A-Za-z]+", name), row.name
        standard = package in ("std_msgs", "diagnostic_msgs", "sensor_msgs")
        assert standard or (interfaces / package / "msg" / f"{name}.msg").is_file(), row.type_name


def test_nodes_use_topics_of_the_table_only() -> None:
    """Every name given to `publisher` or `subscribe` as a literal is in the table."""
    wrong = []
    for path in sorted((ROOT / "building_ctrl" / "nodes").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
                continue
            name = node.args[0]
            asks = node.func.attr in ("publisher", "subscribe", "_hear")
            if asks and isinstance(name, ast.Constant) and name.value not in TOPICS:
                wrong.append(f"{path.name}:{node.lineno} {name.value}")
    assert not wrong
