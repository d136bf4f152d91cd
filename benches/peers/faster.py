"""faster-whisper over recordings: faster.py WEIGHTS THREADS LIST

LIST has a path on each line. Prints the seconds from opening the first file to the last word of
the last one, without loading the model. int8 and beam 1 are its fastest settings; one
temperature and no text of the segment before, as `chartscribe --plain` has it.
"""

import pathlib
import sys
import time

from faster_whisper import WhisperModel


def main(weights, threads, listing):
    files = pathlib.Path(listing).read_text(encoding="utf-8").splitlines()
    model = WhisperModel(weights, device="cpu", compute_type="int8", cpu_threads=int(threads))
    began = time.monotonic()
    for file in files:
        segments, _ = model.transcribe(
            file,
            language="en",
            beam_size=1,
            temperature=0.0,
            condition_on_previous_text=False,
        )
        for _ in segments:  # segments are decoded as they are asked for
            pass
    print(f"{time.monotonic() - began:.3f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
