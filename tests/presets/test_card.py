from dssd_tf.presets import PresetConfig
from dssd_tf.presets.card import model_card


def test_the_card_tells_what_the_settings_say(config: PresetConfig) -> None:
    card = model_card(config)
    assert card.startswith("# dsmn_s\n")
    for told in (
        '{"pattern": "SF", "widths": [8, 8]}',
        "at 8000 Hz, clips of 1 s",
        "| input shape | (16, 16, 1) (time, frequency, channels) |",
        "| classes | airport, bus, tram |",
        "| coarse classes | indoor |",
        "| licence of the weights | CC-BY-4.0 |",
        "| source | made by a test |",
        "| float, macro_accuracy | 0.2500 |",
        "| measured_on | noise |",
        "dssd predict",
    ):
        assert told in card


def test_what_is_not_known_is_told_as_such() -> None:
    card = model_card(PresetConfig(classes=("bus", "tram")))
    assert "| network | not of the registry |" in card
    assert "| licence of the weights | not stated |" in card
    assert "Nothing was measured." in card
    assert "coarse" not in card


def test_text_does_not_break_the_tables() -> None:
    card = model_card(PresetConfig(classes=("bus", "tram"), source="a | b\nc"))
    assert "| source | a \\| b c |" in card
