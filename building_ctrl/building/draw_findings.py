"""Marks findings on a drawn level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.lines import Line2D
from matplotlib.patheffects import withStroke

from building_ctrl.building.findings import Finding, Severity

_COLOUR = {Severity.ERROR: "#c92a2a", Severity.WARNING: "#e03131", Severity.INFO: "#f08c00"}


def draw_findings(axis: Any, findings: Sequence[Finding], scale: float) -> None:
    """A ring where each finding is and the codes of what is found there, with the robots it concerns."""
    texts: dict[tuple[float, float], list[str]] = {}
    for finding in findings:
        if finding.at is None:
            continue
        axis.scatter(
            [finding.at[0]], [finding.at[1]], s=70 * scale, facecolors="none", zorder=10,
            edgecolors=_COLOUR[finding.severity], linewidths=1.1 * scale,
        )  # fmt: skip
        _, bracket, robots = finding.item.rpartition("[")
        text = f"{finding.code} [{robots}" if bracket else finding.code
        known = texts.setdefault(finding.at, [])
        if text not in known:
            known.append(text)
    for point, lines in texts.items():
        axis.annotate(
            "\n".join(lines), point, xytext=(5.0 * scale, -5.0 * scale), textcoords="offset points",
            fontsize=3.6 * scale, color="#a51111", ha="left", va="top", zorder=11,
            path_effects=[withStroke(linewidth=1.0 * scale, foreground="#ffffff")],
        )  # fmt: skip


def finding_legend() -> list[Line2D]:
    """The entry of the legend."""
    colour = _COLOUR[Severity.WARNING]
    return [Line2D([], [], marker="o", color=colour, mfc="none", ls="", ms=8, label="warning of map check")]
