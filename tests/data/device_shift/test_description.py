import json

import numpy as np

from dssd_tf.data.device_shift.description import description, readme


def test_it_tells_all_there_is_to_know(source, devices):
    told = description(
        source, devices, seed=4, shares={"a": 0.7, "s1": 0.3}, test_devices=["a", "s4"]
    )
    assert json.loads(json.dumps(told)) is not None
    assert told["seed"] == 4
    assert told["source"]["folder"] == "one_device"
    assert str(source.parent) not in json.dumps(told)
    assert told["training_shares"] == {"a": 0.7, "s1": 0.3}
    assert told["test_devices"] == ["a", "s4"]
    assert told["devices"]["s2"] == devices["s2"].values()
    assert set(told["devices"]) == {"a", *devices}
    at_1000 = told["response_db"]["s5"][told["response_hz"].index(1000)]
    assert abs(at_1000 - devices["s5"].response(np.array([1000.0]))[0]) < 0.01


def test_the_digest_is_that_of_the_source(source, devices):
    def digest() -> str:
        told = description(source, devices, seed=0, shares={}, test_devices=[])
        return told["source"]["meta_sha256"]

    before = digest()
    assert before == digest()
    (source / "meta.csv").write_text((source / "meta.csv").read_text() + "\n")
    assert before != digest()


def test_the_readme_says_that_it_is_simulated(source):
    text = readme(source, seed=7, test_devices=["a", "s4"])
    assert "devices of this set are simulated" in text
    assert "one_device" in text and "seed 7" in text
    assert "do not pass the set" in text
    assert str(source) not in text
