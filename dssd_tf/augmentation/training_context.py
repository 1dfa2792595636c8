"""What an augmentation may look at before training starts."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, eq=False)
class TrainingContext:
    """The training clips, and no others: nothing may be learned from held-out clips.

    Attributes:
        devices: The data's devices; ``device`` in a batch is an index into them.
        sampling_rate: Of the waveforms, in Hz.
        n_mels: Mel bands.
        clips: The training table with the columns filename and device; None where no
            augmentation needs it.
        gather_raw: Gives the raw log-mels, (n, time, frequency) in log10 of power, of n row
            numbers of `clips`; None where no augmentation needs it.
    """

    devices: tuple[str, ...]
    sampling_rate: int
    n_mels: int
    clips: "pd.DataFrame | None" = None
    gather_raw: Callable[[NDArray[np.int64]], NDArray[np.float32]] | None = None
