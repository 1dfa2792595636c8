import zipfile

import keras
import numpy as np
import pytest

from dssd_tf.errors import DssdError, ModelError
from dssd_tf.models import load_model, load_weights, save_model


def test_round_trip_gives_the_same_outputs(tmp_path, narrow_model, batch):
    path = tmp_path / "new" / "model.keras"
    save_model(narrow_model, path)
    reloaded = load_model(str(path))
    assert reloaded.name == narrow_model.name
    expected = narrow_model(batch, training=False)
    np.testing.assert_allclose(reloaded(batch, training=False), expected, atol=1e-6)
    assert [item.name for item in path.parent.iterdir()] == ["model.keras"]


@pytest.mark.parametrize("name", ["model.keras", "model.weights.h5"])
def test_weights_alone_round_trip_through_both_kinds_of_file(tmp_path, narrow_model, batch, name):
    expected = np.asarray(narrow_model(batch, training=False))
    if name.endswith(".keras"):
        save_model(narrow_model, tmp_path / name)
    else:
        narrow_model.save_weights(tmp_path / name)
    narrow_model.set_weights([weight + 0.1 for weight in narrow_model.get_weights()])
    assert np.abs(np.asarray(narrow_model(batch, training=False)) - expected).max() > 1e-3
    load_weights(narrow_model, str(tmp_path / name))
    np.testing.assert_allclose(narrow_model(batch, training=False), expected, atol=1e-6)


@pytest.mark.parametrize("name", ["bad.keras", "bad.weights.h5"])
def test_a_damaged_file_of_weights_is_refused_in_one_line(tmp_path, narrow_model, name):
    path = tmp_path / name
    if name.endswith(".keras"):
        save_model(narrow_model, path)
    else:
        narrow_model.save_weights(path)
    whole = path.read_bytes()
    for content in (b"", b"garbage", whole[: len(whole) // 2]):
        path.write_bytes(content)
        with pytest.raises(ModelError, match="is not a readable file of weights") as refused:
            load_weights(narrow_model, path)
        message = str(refused.value)
        assert message.startswith(f"{path}: ") and "\n" not in message


def test_an_archive_without_weights_is_refused(tmp_path, narrow_model):
    with zipfile.ZipFile(tmp_path / "other.keras", "w") as archive:
        archive.writestr("readme.txt", "no model")
    with pytest.raises(ModelError, match=r"other.keras: is not a readable file of weights"):
        load_weights(narrow_model, tmp_path / "other.keras")


@pytest.mark.parametrize("name", ["model.h5", "model.npz", "model"])
def test_weights_of_another_suffix_are_refused_before_they_are_read(tmp_path, narrow_model, name):
    with pytest.raises(ModelError, match=r"not a file of weights.*\.weights\.h5 or \.keras"):
        load_weights(narrow_model, tmp_path / name)


def test_missing_weights_are_named_with_a_remedy(tmp_path, narrow_model):
    with pytest.raises(ModelError, match="no such file of weights") as refused:
        load_weights(narrow_model, tmp_path / "none.weights.h5")
    assert refused.value.path == tmp_path / "none.weights.h5" and refused.value.fix


def test_compiled_state_is_read_on_request_only(tmp_path, narrow_model):
    narrow_model.compile(keras.optimizers.SGD(0.25), "mse")
    save_model(narrow_model, tmp_path / "model.keras")
    assert not load_model(tmp_path / "model.keras").compiled
    compiled = load_model(tmp_path / "model.keras", compile=True)
    assert compiled.compiled and float(compiled.optimizer.learning_rate) == 0.25


def test_missing_file_is_named_with_a_remedy(tmp_path):
    with pytest.raises(ModelError) as refused:
        load_model(tmp_path / "none.keras")
    assert refused.value.path == tmp_path / "none.keras"
    assert "no such model file" in str(refused.value) and refused.value.fix


@pytest.mark.parametrize("content", [b"", b"garbage", b"PK\x03\x04 not a zip"])
def test_garbage_is_refused_in_one_line_with_the_path(tmp_path, content):
    path = tmp_path / "bad.keras"
    path.write_bytes(content)
    with pytest.raises(ModelError, match="is not a readable Keras model") as refused:
        load_model(path)
    assert str(refused.value).startswith(f"{path}: ")
    assert "\n" not in str(refused.value)


def test_half_a_file_is_refused(tmp_path, narrow_model):
    path = tmp_path / "model.keras"
    save_model(narrow_model, path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ModelError, match="is not a readable Keras model"):
        load_model(path)


@pytest.mark.parametrize("failure", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failed_write_leaves_the_old_file(tmp_path, narrow_model, monkeypatch, failure):
    path = tmp_path / "model.keras"
    path.write_bytes(b"old")

    def half_a_write(target, *args, **kwargs):
        target.write_bytes(b"half")
        raise failure

    monkeypatch.setattr(narrow_model, "save", half_a_write)
    expected = DssdError if isinstance(failure, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as refused:
        save_model(narrow_model, path)
    if expected is DssdError:
        assert str(path) in str(refused.value) and "No space left" in str(refused.value)
    assert path.read_bytes() == b"old"
    assert [item.name for item in tmp_path.iterdir()] == ["model.keras"]


def test_saving_replaces_an_older_model(tmp_path, narrow_model, batch):
    path = tmp_path / "model.keras"
    save_model(narrow_model, path)
    narrow_model.set_weights([weight + 0.1 for weight in narrow_model.get_weights()])
    save_model(narrow_model, path)
    expected = narrow_model(batch, training=False)
    np.testing.assert_allclose(load_model(path)(batch, training=False), expected, atol=1e-5)


@pytest.mark.parametrize("name", ["model.h5", "model.txt", "model"])
def test_another_suffix_is_refused_before_anything_is_written(tmp_path, narrow_model, name):
    with pytest.raises(ModelError, match=r"\.keras") as refused:
        save_model(narrow_model, tmp_path / name)
    assert refused.value.path == tmp_path / name
    assert list(tmp_path.iterdir()) == []
