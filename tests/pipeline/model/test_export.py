"""A network to hand on: in fewer bits, with another temperature, and never over a file that is there."""

from pathlib import Path

import pytest

from pipeline.errors import ConfigError
from pipeline.model.artifact import load_model, save_model
from pipeline.model.export import export
from pipeline.types import Artifact


@pytest.fixture
def model(images: Artifact, tmp_path: Path) -> Path:
    save_model(tmp_path / "model.npz", images)
    return tmp_path / "model.npz"


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_a_network_is_written_in_as_many_bits(model: Path, tmp_path: Path, bits: int) -> None:
    document = export(model, tmp_path / "copy.npz", bits)
    before, after = load_model(model), load_model(tmp_path / "copy.npz")
    assert document["parameters"] == sum(array.size for layer in before.params for array in layer)
    assert (document["bits"], document["temperature"]) == (bits, before.temperature)
    assert document["bytes"] == (tmp_path / "copy.npz").stat().st_size
    same = after.params[0].weight.tobytes() == before.params[0].weight.tobytes()
    assert same == (bits == 32)


def test_a_temperature_takes_the_place_of_the_networks_own(model: Path, tmp_path: Path) -> None:
    assert export(model, tmp_path / "copy.npz", temperature=2.5)["temperature"] == 2.5
    assert load_model(tmp_path / "copy.npz").temperature == 2.5


def test_what_is_there_stays_unless_it_is_to_be_replaced(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "copy.npz"
    out.write_text("mine")
    with pytest.raises(ConfigError, match="is there already"):
        export(model, out)
    with pytest.raises(ConfigError, match="--bits: expected 32, 16 or 8; found 7"):
        export(model, out, 7, overwrite=True)
    assert out.read_text() == "mine"
    export(model, out, overwrite=True)
    assert load_model(out).class_names == load_model(model).class_names
