"""The front end's configuration: one object feeds every path from waveform to features."""

from typing import Literal

from pydantic import Field, model_validator

from dssd_tf.config import Config


class LogMelConfig(Config):
    """Log-mel front end; the defaults are those of DSMN (DCASE 2023 technical report 61).

    At the defaults, one second gives 44 frames of 256 bands, with deltas as second channel.
    """

    sampling_rate: int = Field(44100, gt=0, description="Hz")
    n_fft: int = Field(4096, gt=0, description="samples of the Fourier transform")
    win_length: int = Field(4096, gt=0, description="samples of the periodic Hann window")
    hop_length: int = Field(1024, gt=0, description="samples between frames")
    n_mels: int = Field(256, gt=0, description="mel bands")
    fmin: float = Field(0.0, ge=0, description="Hz, lower edge of the lowest band")
    fmax: float | None = Field(None, gt=0, description="Hz; null means half the sampling rate")
    mel_scale: Literal["htk", "slaney"] = "htk"
    mel_norm: Literal["slaney"] | None = Field("slaney", description="area norm of the bands")
    log_offset: float = Field(
        1e-10, ge=1e-30, description="added to the mel power before log10, in float32"
    )
    standardize: Literal["clip", "none"] = Field(
        "clip", description="clip: zero mean, unit (unbiased) deviation over time and bands"
    )
    deltas: bool = Field(True, description="second channel: time deltas, standardised likewise")
    band_centred: bool = Field(
        False,
        description="last channel: each band less its mean over the clip, standardised likewise; "
        "a device's frequency response is not in it",
    )

    @model_validator(mode="after")
    def _consistent(self) -> "LogMelConfig":
        if self.win_length > self.n_fft:
            raise ValueError(f"win_length {self.win_length} exceeds n_fft {self.n_fft}")
        nyquist = self.sampling_rate / 2
        if self.fmax is not None and not self.fmin < self.fmax <= nyquist:
            raise ValueError(
                f"fmax {self.fmax} must lie between fmin {self.fmin} and half the sampling rate"
            )
        if self.fmin >= nyquist:
            raise ValueError(f"fmin {self.fmin} must be below half the sampling rate, {nyquist}")
        return self

    @property
    def channels(self) -> int:
        """Feature channels: 1, one more with deltas, one more with centred bands."""
        return 1 + self.deltas + self.band_centred

    def frames(self, samples: int) -> int:
        """Frames of a clip of `samples` samples; frames are centred."""
        # An odd n_fft is padded by one sample less than it takes away.
        return 1 + (samples - self.n_fft % 2) // self.hop_length

    def shape(self, samples: int) -> tuple[int, int, int]:
        """(time, frequency, channels) of a clip of `samples` samples."""
        return self.frames(samples), self.n_mels, self.channels

    def describe(self) -> str:
        """One line for a person, as the `acoustic_features` of a submission."""
        text = (
            f"log-mel energies, {self.n_mels} bands ({self.mel_scale}), "
            f"window {self.win_length} and hop {self.hop_length} samples "
            f"at {self.sampling_rate} Hz"
        )
        text += ", deltas" if self.deltas else ""
        return text + (", centred bands" if self.band_centred else "")
