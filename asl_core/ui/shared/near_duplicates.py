"""Near-duplicates of test images among many training images: a task for a worker."""

from asl_core.background_task import BackgroundTask
from asl_core.data.near_duplicates import FEW_IMAGES as FEW_IMAGES
from asl_core.data.near_duplicates import Leakage
from asl_core.ui.shared.tasks import offer_task


def offer_leakage(task: BackgroundTask) -> Leakage | None:
    """Show the search, or the button that asks for it; what it has found, None until it is done.

    Args:
        task: from `leakage_task` or `run_leakage_task`.
    """
    if not offer_task(
        task,
        "Finding near-duplicates in training",
        "Find near-duplicates in training",
        ":material/search:",
    ):
        return None
    return Leakage.load(task.result)
