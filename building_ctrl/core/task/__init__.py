"""Dispatching: which robot does which task, and how far every task is."""

from building_ctrl.core.task.decisions import Accepted, DispatchDecisions, Refused
from building_ctrl.core.task.dispatcher import Dispatcher
from building_ctrl.core.task.parameters import DispatchParameters
from building_ctrl.core.task.places import Places, UnknownPlace

__all__ = [
    "Accepted",
    "DispatchDecisions",
    "DispatchParameters",
    "Dispatcher",
    "Places",
    "Refused",
    "UnknownPlace",
]
