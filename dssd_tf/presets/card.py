"""The model card: a preset's settings for people."""

import json
from collections.abc import Iterator
from typing import Any

from dssd_tf.markdown_table import markdown_table
from dssd_tf.presets.config import CONFIG_FILE, PresetConfig

_USE = """\
## Use

```sh
dssd predict FOLDER recording.wav
```

```python
from dssd_tf.presets import from_preset

preset = from_preset("FOLDER")
probabilities = preset.classify_file("recording.wav")  # one a class, in the order above
```
"""


def model_card(config: PresetConfig) -> str:
    """Markdown text written from `preset.json` alone."""
    options = json.dumps(config.network_options) if config.network_options else ""
    facts = {
        "network": f"{config.network or 'not of the registry'} {options}".strip(),
        "input": f"{config.features.describe()}, clips of {config.clip_seconds:g} s",
        "input shape": f"{config.input_shape} (time, frequency, channels)",
        "classes": ", ".join(config.classes),
        "coarse classes": ", ".join(config.coarse_classes),
        "licence of the weights": config.licence or "not stated",
        "source": config.source or "not stated",
    }
    lines = [
        f"# {config.network or 'Acoustic scene classifier'}",
        "",
        f"An acoustic scene classifier, written by dssd_tf {config.package_version}. "
        f"This page follows from `{CONFIG_FILE}`.",
        "",
        markdown_table(("", ""), [(key, value) for key, value in facts.items() if value]),
        "",
        "## Measured",
        "",
    ]
    rows = [(path, _shown(value)) for path, value in _leaves(config.metrics)]
    lines.append(markdown_table(("", "value"), rows) if rows else "Nothing was measured.")
    return "\n".join([*lines, "", _USE])


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, f"{path}, {key}" if path else key)
    else:
        yield path, value


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, float):
        return f"{value:.4f}"
    return f"{value:,}" if type(value) is int else json.dumps(value)
