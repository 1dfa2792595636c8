from dssd_tf.deployment.readme import PURPOSES, readme


def _manifest(**changes: object) -> dict:
    tensor = {"shape": [1, 44, 256, 2], "scale": 0.05, "zero_point": -3}
    manifest = {
        "model": {"file": "model_int8.tflite", "bytes": 119912},
        "nodes": 98,
        "operators": {"ADD": "AddAdd", "CONV_2D": "AddConv2D"},
        "input": tensor,
        "output": {**tensor, "shape": [1, 2]},
        "classes": ["bus", "tram"],
        "arena_bytes": 435392,
        "arena_measured": {
            "version": "0.dev7",
            "size": 435392,
            "activations": 405504,
            "persistent": 29888,
        },
        "golden": {
            "count": 4,
            "inputs": "features of recordings",
            "runtime": "TensorFlow Lite Micro",
            "tolerance": 0,
            "reference_difference": 0,
            "litert_difference": 2,
        },
        "front_end": {
            "config": {"n_fft": 4096, "sampling_rate": 44100},
            "clip_seconds": 1.0,
            "sources": True,
        },
    }
    return {**manifest, **changes}


def test_it_names_every_file_and_figure() -> None:
    page = readme(_manifest(), sorted(PURPOSES))
    assert all(f"| `{name}` |" in page for name in PURPOSES)
    assert "435,392 bytes, measured with tflite-micro 0.dev7" in page
    assert "bus, tram" in page
    assert "44100 Hz" in page
    assert "24,580 bytes of scratch memory" in page
    assert page.endswith("\n")
    assert "\n\n\n" not in page


def test_what_was_not_measured_is_said() -> None:
    page = readme(_manifest(arena_measured=None), ["main.cc"])
    assert "not measured: tflite-micro was not installed" in page


def test_a_front_end_that_is_left_out_is_said() -> None:
    assert "was not known" in readme(_manifest(front_end=None), ["main.cc"])
    front_end = {
        "config": {"n_fft": 96, "sampling_rate": 8000},
        "clip_seconds": 1.0,
        "sources": False,
    }
    assert "96 samples, no power of two" in readme(_manifest(front_end=front_end), ["main.cc"])
