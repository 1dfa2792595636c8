"""Sounds a scene is layered from.

Each is a function `(rng, samples, **settings)` that gives a mono signal of shape (samples,) at
44.1 kHz; the settings are floats. Levels are not its business: the scene scales it.
"""

from dssd_tf.data.synthesis.textures.air import rain, ventilation, wind
from dssd_tf.data.synthesis.textures.birds import birds
from dssd_tf.data.synthesis.textures.music import music
from dssd_tf.data.synthesis.textures.people import footsteps, luggage
from dssd_tf.data.synthesis.textures.rails import brake_squeal, rail_joints, rail_rumble
from dssd_tf.data.synthesis.textures.vehicles import door_hiss, engine, traction, traffic
from dssd_tf.data.synthesis.textures.voices import announcement, babble

__all__ = [
    "announcement",
    "babble",
    "birds",
    "brake_squeal",
    "door_hiss",
    "engine",
    "footsteps",
    "luggage",
    "music",
    "rail_joints",
    "rail_rumble",
    "rain",
    "traction",
    "traffic",
    "ventilation",
    "wind",
]
