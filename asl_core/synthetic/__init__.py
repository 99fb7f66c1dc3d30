"""A parametric hand that signs the ASL manual alphabet, drawn with NumPy alone.

>>> from asl_core.synthetic import View, render, sample
>>> picture = render("A", View(turn=15, left_handed=True), size=200)
>>> images, labels = sample("ABC", 1600, seed=0)

From the inside out: `pose` holds joint angles, `letters` the alphabet as a table of poses, `hand`
turns a pose into capsules, `field` into smooth skin, `optics` finds the skin each pixel shows,
`shading`, `backdrop` and `exposure` colour it, and `render` draws one picture. `nuisance` holds
the ranges that pictures are drawn from, `drawing` draws one `scene` from them, `sampling` draws
many, `workers` shares them among processes, `folder` writes them as a data set, and `sheet` shows
the whole alphabet.
"""

from asl_core.synthetic.drawing import Scene, draw_scene
from asl_core.synthetic.errors import (
    JointLimitError,
    ParameterError,
    SyntheticError,
    UnknownLetterError,
)
from asl_core.synthetic.folder import render_folder
from asl_core.synthetic.letters import LETTERS, MOVING_LETTERS, STATIC_LETTERS, poses
from asl_core.synthetic.nuisance import WIDE, Nuisance
from asl_core.synthetic.pose import Facing, Finger, Pose, Thumb, Wrist
from asl_core.synthetic.render import render
from asl_core.synthetic.sampling import sample
from asl_core.synthetic.scene import Background, Camera, Light, Patch, Skin, View
from asl_core.synthetic.sheet import contact_sheet, portrait, portraits

__all__ = [
    "LETTERS",
    "MOVING_LETTERS",
    "STATIC_LETTERS",
    "WIDE",
    "Background",
    "Camera",
    "Facing",
    "Finger",
    "JointLimitError",
    "Light",
    "Nuisance",
    "ParameterError",
    "Patch",
    "Pose",
    "Scene",
    "Skin",
    "SyntheticError",
    "Thumb",
    "UnknownLetterError",
    "View",
    "Wrist",
    "contact_sheet",
    "draw_scene",
    "portrait",
    "portraits",
    "poses",
    "render",
    "render_folder",
    "sample",
]
