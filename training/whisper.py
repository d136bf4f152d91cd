"""Whisper in PyTorch, from the CTranslate2 weights that the program converts too.

Names are those of the CTranslate2 variables, so that an adapter says by name what it changes.
The encoder is used as it is; the decoder can carry a low-rank adapter on any of its matrices.
"""

import json
import math
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "benches" / "peers"))
import weights as packages  # noqa: E402  (the peers' benchmark fetches the same packages)

RATE = 16_000
WINDOW = 30 * RATE
HOP, BINS, BANDS = 160, 201, 80
# As in src/speech/whisper.rs: the margin behind a chunk, and whole blocks of positions.
MARGIN, POSITIONS_MAX = 128, 1488
# Clips are brought to lengths of this many positions, so that a batch has one length.
STEP = 64
HEAD = 64
TYPES = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
# What an adapter may change in a layer, by a short name.
PLACES = {
    "self": ("self_attention/linear_0", "self_attention/linear_1"),
    "query": ("attention/linear_0",),
    "audio": ("attention/linear_1",),
    "out": ("attention/linear_2",),
    "mlp": ("ffn/linear_0", "ffn/linear_1"),
}


def read_ct2(path):
    """The variables of a CTranslate2 `model.bin` of version 6 (see src/speech/ct2.rs)."""
    data = memoryview(pathlib.Path(path).read_bytes())
    at = 0

    def take(form):
        nonlocal at
        (value,) = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize(form)
        return value

    def text():
        nonlocal at
        length = take("H")
        at += length
        return bytes(data[at - length:at - 1]).decode()

    version, spec, _ = take("I"), text(), take("I")
    assert version == 6 and spec == "WhisperSpec"
    found = {}
    for _ in range(take("I")):
        name = text()
        shape = [take("I") for _ in range(take("B"))]
        kind, size = take("B"), take("I")
        array = np.frombuffer(data[at:at + size], TYPES[kind]).reshape(shape)
        found[name] = torch.from_numpy(array.astype(np.float32))
        at += size
    return found


def mel_filters():
    """Slaney's, as in src/speech/mel.rs."""
    def to_mel(hz):
        return hz / (200 / 3) if hz < 1000 else 15 + math.log(hz / 1000) / (math.log(6.4) / 27)

    def to_hz(mel):
        return mel * 200 / 3 if mel < 15 else 1000 * math.exp((mel - 15) * math.log(6.4) / 27)

    edges = [to_hz(to_mel(8000) * at / (BANDS + 1)) for at in range(BANDS + 2)]
    hz = np.linspace(0, 8000, BINS)
    rows = [
        np.maximum(0, np.minimum((hz - low) / (mid - low), (high - hz) / (high - mid)))
        * 2 / (high - low)
        for low, mid, high in zip(edges, edges[1:], edges[2:])
    ]
    return torch.tensor(np.array(rows), dtype=torch.float32)


def positions(samples):
    """The encoder positions that a clip gets: as in the program, in larger steps."""
    fitted = samples * 1500 // WINDOW + MARGIN
    return min(-(-fitted // STEP) * STEP, POSITIONS_MAX)


class Whisper:
    def __init__(self, model="base", threads=None):
        folder = packages.folder(model)
        self.variables = read_ct2(folder / "model.bin")
        self.filters = mel_filters()
        self.adapter = {}
        self.width = self.variables["decoder/embeddings/weight"].shape[1]
        self.layers = sum(f"decoder/layer_{n}/ffn/linear_0/weight" in self.variables
                          for n in range(64))
        self.tokenizer = Tokenizer(folder / "tokenizer.json")
        if threads:
            torch.set_num_threads(threads)

    @classmethod
    def ready(cls, threads=None):
        """The model where it is fastest: on a graphics card if there is one, in 16 bits where the
        processor multiplies them faster than 32."""
        is_cuda = torch.cuda.is_available()
        is_short = is_cuda or torch.backends.cpu.get_cpu_capability() == "AVX512"
        return cls(threads=threads).to("cuda" if is_cuda else "cpu",
                                       torch.bfloat16 if is_short else torch.float32)

    def to(self, device, dtype=torch.float32):
        """Matrix products in `dtype`; norms and the sums between layers stay in 32 bits."""
        exact = ("gamma", "beta", "encodings")
        self.variables = {name: value.to(device, torch.float32 if name.endswith(exact) else dtype)
                          for name, value in self.variables.items()}
        return self

    @property
    def device(self):
        return self.variables["decoder/embeddings/weight"].device

    @property
    def dtype(self):
        return self.variables["decoder/embeddings/weight"].dtype

    def linear(self, name, x):
        v = self.variables
        x = x.to(v[f"{name}/weight"].dtype)
        y = F.linear(x, v[f"{name}/weight"], v[f"{name}/bias"])
        if name in self.adapter:
            down, up = self.adapter[name]
            y = y + F.linear(F.linear(x, down.to(x.dtype)), up.to(x.dtype))
        return y

    def norm(self, name, x):
        v = self.variables
        return F.layer_norm(x.float(), (x.shape[-1],), v[f"{name}/gamma"], v[f"{name}/beta"])

    def heads(self, x):
        return x.unflatten(-1, (-1, HEAD)).transpose(-2, -3)

    def attend(self, query, key, value, causal=False):
        joined = F.scaled_dot_product_attention(
            self.heads(query), self.heads(key), self.heads(value), is_causal=causal)
        return joined.transpose(-2, -3).flatten(-2)

    def mel(self, samples):
        """Log-mel spectrogram of the clip and the silence behind it."""
        count = positions(len(samples))
        padded = F.pad(torch.as_tensor(samples, dtype=torch.float32), (200, WINDOW + 200))
        padded[:200] = padded[201:401].flip(0)
        window = torch.hann_window(400)
        spectrum = torch.stft(padded, 400, HOP, window=window, center=False, return_complex=True)
        power = spectrum[:, : count * 2].abs() ** 2
        log = torch.clamp(self.filters @ power, min=1e-10).log10()
        return (torch.maximum(log, log.max() - 8.0) + 4.0) / 4.0

    @torch.no_grad()
    def encode(self, mel):
        """Encodings of a batch of spectrograms of one length."""
        v = self.variables
        x = mel.to(self.device, v["encoder/conv1/weight"].dtype)
        x = F.gelu(F.conv1d(x, v["encoder/conv1/weight"], v["encoder/conv1/bias"], padding=1))
        x = F.gelu(F.conv1d(x, v["encoder/conv2/weight"], v["encoder/conv2/bias"], stride=2,
                            padding=1))
        x = x.transpose(1, 2).float()
        x = x + v["encoder/position_encodings/encodings"][: x.shape[1]]
        layer = 0
        while f"encoder/layer_{layer}/ffn/linear_0/weight" in v:
            at = f"encoder/layer_{layer}"
            y = self.norm(f"{at}/self_attention/layer_norm", x)
            parts = self.linear(f"{at}/self_attention/linear_0", y).chunk(3, -1)
            x = x + self.linear(f"{at}/self_attention/linear_1", self.attend(*parts))
            x = x + self.feed_forward(at, x)
            layer += 1
        return self.norm("encoder/layer_norm", x)

    def feed_forward(self, at, x):
        y = self.norm(f"{at}/ffn/layer_norm", x)
        return self.linear(f"{at}/ffn/linear_1", F.gelu(self.linear(f"{at}/ffn/linear_0", y)))

    def heard(self, encodings):
        """Keys and values of the encodings for every layer; they serve a whole decoding."""
        return [self.linear(f"decoder/layer_{n}/attention/linear_1", encodings).chunk(2, -1)
                for n in range(self.layers)]

    def decode(self, tokens, heard, cache=None):
        """Hidden states after each token; with a cache, of the tokens after those in it."""
        v = self.variables
        past = cache[0][0].shape[1] if cache and cache[0] else 0
        x = F.embedding(tokens, v["decoder/embeddings/weight"]).float()
        x = x + v["decoder/position_encodings/encodings"][past: past + tokens.shape[1]]
        for n in range(self.layers):
            at = f"decoder/layer_{n}"
            y = self.norm(f"{at}/self_attention/layer_norm", x)
            query, key, value = self.linear(f"{at}/self_attention/linear_0", y).chunk(3, -1)
            if cache is not None:
                if cache[n]:
                    key = torch.cat((cache[n][0], key), 1)
                    value = torch.cat((cache[n][1], value), 1)
                cache[n] = (key, value)
            mixed = self.attend(query, key, value, causal=tokens.shape[1] > 1)
            x = x + self.linear(f"{at}/self_attention/linear_1", mixed)
            y = self.norm(f"{at}/attention/layer_norm", x)
            mixed = self.attend(self.linear(f"{at}/attention/linear_0", y), *heard[n])
            x = x + self.linear(f"{at}/attention/linear_2", mixed)
            x = x + self.feed_forward(at, x)
        return self.norm("decoder/layer_norm", x)

    def logits(self, hidden):
        embeddings = self.variables["decoder/embeddings/weight"]
        return F.linear(hidden.to(embeddings.dtype), embeddings).float()

    @torch.no_grad()
    def greedy(self, encodings, prompt=(), most=180):
        """The likeliest text of each clip of a batch, as src/speech/decode.rs chooses it."""
        t = self.tokenizer
        start = ([t.before, *prompt] if prompt else []) + t.begin
        count = encodings.shape[0]
        feed = torch.tensor([start] * count, device=encodings.device)
        heard, cache = self.heard(encodings), [None] * self.layers
        texts, live = [[] for _ in range(count)], [True] * count
        for step in range(most):
            logits = self.logits(self.decode(feed, heard, cache)[:, -1])[:, : t.end + 1]
            if step == 0:
                logits[:, t.end] = logits[:, t.blank] = -math.inf
            chosen = logits.argmax(-1).tolist()
            for at, token in enumerate(chosen):
                live[at] = live[at] and token != t.end
                if live[at]:
                    texts[at].append(token)
            if not any(live):
                break
            feed = torch.tensor(chosen, device=encodings.device)[:, None]
        return [t.text(tokens) for tokens in texts]


class Tokenizer:
    def __init__(self, path):
        import tokenizers
        self.inner = tokenizers.Tokenizer.from_file(str(path))
        number = self.inner.token_to_id
        self.end, self.before = number("<|endoftext|>"), number("<|startofprev|>")
        start = [number(f"<|{name}|>") for name in ("startoftranscript", "en", "transcribe")]
        without_times = number("<|notimestamps|>")
        self.begin, self.begin_timed = [*start, without_times], [*start, without_times + 1]
        self.first_time = without_times + 1
        vocabulary = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))["model"]["vocab"]
        self.blank = vocabulary["\u0120"]

    def tokens(self, text):
        return self.inner.encode(text, add_special_tokens=False).ids

    def text(self, tokens):
        return self.inner.decode(tokens, skip_special_tokens=True).strip()
