"""What must survive a restart: tasks and the answers given to those who asked for them."""

from building_ctrl.store.tasks import StoreError, TaskStore

__all__ = ["StoreError", "TaskStore"]
