"""What must survive a restart: tasks, the answers given to those who asked, and what robots hold of the floor."""

from building_ctrl.store.releases import ReleaseStore
from building_ctrl.store.sqlite_file import StoreError
from building_ctrl.store.tasks import TaskStore

__all__ = ["ReleaseStore", "StoreError", "TaskStore"]
