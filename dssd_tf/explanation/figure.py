"""An explanation as a picture."""

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from dssd_tf.explanation.occlusion import Occlusion

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def explanation_figure(
    log_mel: NDArray[np.floating],
    found: Occlusion,
    classes: Sequence[str],
    *,
    seconds: float,
    band_hz: NDArray[np.floating],
    title: str = "",
    format: Literal["png", "svg"] = "png",
) -> bytes:
    """The log-mel with its halves, the effect of each patch, and that of the halves.

    Red speaks for the class and blue against it, in the map and in the bars of the halves.

    Args:
        log_mel: First channel of the features, (time, frequency).
        found: What occlusion found on this clip.
        classes: Names in the order of the outputs.
        seconds: Duration of the clip.
        band_hz: Centre of each band in Hz, (frequency,).
        title: Above the picture.
        format: Of the picture.

    Returns:
        The picture's bytes.
    """
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    bands = log_mel.shape[1]
    with rc_context({"svg.hashsalt": "dssd", "svg.fonttype": "none", "text.parse_math": False}):
        figure = Figure(figsize=(10.4, 3.8), layout="constrained", facecolor="white")
        sound, effect, halves = figure.subplots(1, 3, width_ratios=(4, 4.4, 2))
        sound.imshow(
            log_mel.T, origin="lower", aspect="auto", extent=(0, seconds, 0, bands), cmap="magma"
        )
        sound.axhline(bands / 2, color="white", linewidth=1, linestyle="--")
        box = {"facecolor": "black", "alpha": 0.6, "linewidth": 0, "pad": 2}
        for y, name in ((0.97, "high half"), (0.47, "low half")):
            sound.text(0.02, y, name, color="white", va="top", transform=sound.transAxes, bbox=box)
        sound.set_title("log-mel")
        most = float(np.abs(found.effects).max()) or 1.0
        frames = found.time_edges[-1]
        mesh = effect.pcolormesh(
            found.time_edges / frames * seconds,
            found.band_edges,
            found.effects.T,
            cmap="RdBu_r",
            vmin=-most,
            vmax=most,
        )
        effect.axhline(bands / 2, color="black", linewidth=1, linestyle="--")
        label = classes[found.label]
        effect.set_title(f"what speaks for {label}")
        figure.colorbar(
            mesh, ax=effect, label="loss of log-probability if blank\nred: for it, blue: against it"
        )
        for axes in (sound, effect):
            axes.set_xlabel("time, s")
            _name_bands(axes, band_hz)
        values = [found.low, found.high]
        against, speaks = mesh.get_cmap()([0.0, 1.0])
        colours = [speaks if value > 0 else against for value in values]
        halves.barh(["low half", "high half"], values, color=colours)
        halves.axvline(0, color="black", linewidth=0.8)
        halves.set_title("halves")
        halves.set_xlabel("loss of log-\nprobability if blank")
        halves.spines[["top", "right"]].set_visible(False)
        probability = found.probabilities[found.label]
        if title:
            figure.suptitle(f"{title}: {label}, {probability:.3f}")
        buffer = io.BytesIO()
        date = {"Date": None} if format == "svg" else {}
        figure.savefig(buffer, format=format, dpi=120, metadata=date)
    return buffer.getvalue()


def _name_bands(axes: "Axes", band_hz: NDArray[np.floating]) -> None:
    """Ticks at a few bands, told in Hz."""
    ticks = np.linspace(0, len(band_hz) - 1, 6).round().astype(int)
    named = [band_hz[tick] for tick in ticks]
    axes.set_yticks(ticks + 0.5, [f"{hz / 1e3:.2g}k" if hz >= 1e3 else f"{hz:.0f}" for hz in named])
    axes.set_ylabel("frequency, Hz")
