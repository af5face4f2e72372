"""What PyTorch takes for the rows of `seer bench attention` and `seer bench prefill`, in the same columns.

    python docs/peers.py attention --tokens 8192,32768,131072 --heads 32 --kv-heads 8 --head-width 128
    python docs/peers.py prefill --shape llama-3.1-8b pp8192 pp32768 pp131072 -o csv

attention: causal scaled_dot_product_attention on normal numbers in bf16, forced to one kernel at a time, flash and
           cuDNN.
prefill:   transformers' forward pass with random weights of a shape in bf16, from tokens to the logits of the last one,
           its scaled_dot_product_attention forced to flash.

Times are milliseconds on the wall around one synchronized call, after repetitions that do not count; kernel_ms is what
CUDA's events measured around as many calls more. Needs an NVIDIA GPU and PyTorch 2.5 or newer; prefill also needs
transformers.
"""

import argparse
import csv
import inspect
import json
import math
import re
import statistics
import sys
import time

import torch
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import scaled_dot_product_attention

KERNELS = {"flash": SDPBackend.FLASH_ATTENTION, "cudnn": SDPBackend.CUDNN_ATTENTION}

LLAMA_ROPE = {"rope_type": "llama3", "low_freq_factor": 1.0, "high_freq_factor": 4.0,
              "original_max_position_embeddings": 8192}
SHAPES = {
    "llama-3.1-8b": ("llama", dict(
        hidden_size=4096, num_hidden_layers=32, num_attention_heads=32, num_key_value_heads=8, intermediate_size=14336,
        vocab_size=128256, max_position_embeddings=131072, rms_norm_eps=1e-5, rope_theta=500000.0,
        rope_scaling=dict(LLAMA_ROPE, factor=8.0), tie_word_embeddings=False)),
    "llama-3.2-1b": ("llama", dict(
        hidden_size=2048, num_hidden_layers=16, num_attention_heads=32, num_key_value_heads=8, head_dim=64,
        intermediate_size=8192, vocab_size=128256, max_position_embeddings=131072, rms_norm_eps=1e-5,
        rope_theta=500000.0, rope_scaling=dict(LLAMA_ROPE, factor=32.0), tie_word_embeddings=True)),
    "qwen2.5-7b": ("qwen2", dict(
        hidden_size=3584, num_hidden_layers=28, num_attention_heads=28, num_key_value_heads=4, intermediate_size=18944,
        vocab_size=152064, max_position_embeddings=131072, rms_norm_eps=1e-6, rope_theta=1000000.0,
        tie_word_embeddings=False)),
}


def timed(work, options):
    """Milliseconds of each repetition on the wall, and the mean that events measured."""
    begin = time.perf_counter()
    done = 0
    while done < options.warm_up or (time.perf_counter() - begin) * 1e3 < options.warm_up_ms:
        work()
        torch.cuda.synchronize()
        done += 1
    wall = []
    for _ in range(options.repetitions):
        start = time.perf_counter()
        work()
        torch.cuda.synchronize()
        wall.append((time.perf_counter() - start) * 1e3)
    device = []
    for _ in range(options.repetitions):
        first, last = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        first.record()
        work()
        last.record()
        torch.cuda.synchronize()
        device.append(first.elapsed_time(last))
    return wall, statistics.mean(device)


def deviation(values):
    return statistics.stdev(values) if len(values) > 1 else None


def attention_call(kernel, tokens, options):
    """A call and its name: where the kernel has no grouped queries, keys and values are repeated beforehand."""
    generator = torch.Generator("cuda").manual_seed(1)

    def normal(heads):
        return torch.randn(1, heads, tokens, options.head_width, generator=generator, device="cuda",
                           dtype=torch.bfloat16)

    query, key, value = normal(options.heads), normal(options.kv_heads), normal(options.kv_heads)
    group = options.heads // options.kv_heads

    def grouped():
        return scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=group > 1)

    try:
        with sdpa_kernel(KERNELS[kernel]):
            grouped()
        return grouped, f"sdpa {kernel}"
    except RuntimeError as refusal:
        if group == 1 or isinstance(refusal, torch.OutOfMemoryError):
            raise
    wide_key, wide_value = key.repeat_interleave(group, 1), value.repeat_interleave(group, 1)
    return (lambda: scaled_dot_product_attention(query, wide_key, wide_value, is_causal=True),
            f"sdpa {kernel}, keys and values repeated")


def attention(options):
    rows = []
    for kernel in options.kernels:
        for tokens in options.tokens:
            call, name = attention_call(kernel, tokens, options)
            with torch.inference_mode(), sdpa_kernel(KERNELS[kernel]):
                wall, device = timed(call, options)
            mean = statistics.mean(wall)
            rate = 2 * options.heads * tokens * tokens * options.head_width / mean * 1e-9
            rows.append({
                "attention": name, "tokens": tokens, "heads": options.heads, "kv_heads": options.kv_heads,
                "head_width": options.head_width, "density": 1.0, "repetitions": options.repetitions, "ms": mean,
                "ms_deviation": deviation(wall), "ms_minimum": min(wall), "kernel_ms": device, "tflops_visited": rate,
                "tflops_dense_equivalent": rate})
            del call
            torch.cuda.empty_cache()
    return with_growth(rows, "attention", "ms")


def model_of(shape):
    from transformers import AutoConfig, AutoModelForCausalLM

    family, fields = SHAPES[shape]
    config = AutoConfig.for_model(family, **fields)
    with torch.device("cuda"):
        torch.manual_seed(1)
        default = torch.get_default_dtype()
        torch.set_default_dtype(torch.bfloat16)
        try:
            return AutoModelForCausalLM.from_config(config, attn_implementation="sdpa").eval()
        finally:
            torch.set_default_dtype(default)


def prefill(options):
    model = model_of(options.shape)
    parameters = inspect.signature(model.forward).parameters
    last = next(name for name in ("logits_to_keep", "num_logits_to_keep") if name in parameters)
    rows = []
    for test in options.tests:
        match = re.fullmatch(r"pp([1-9][0-9]*)", test)
        if not match:
            sys.exit(f'peers.py: test is "{test}", wanted ppN: PyTorch computes dense attention')
        tokens = int(match.group(1))
        generator = torch.Generator("cuda").manual_seed(1)
        ids = torch.randint(model.config.vocab_size, (1, tokens), generator=generator, device="cuda")
        torch.cuda.reset_peak_memory_stats()

        def read():
            return model(input_ids=ids, use_cache=True, **{last: 1}).logits

        with torch.inference_mode(), sdpa_kernel(SDPBackend.FLASH_ATTENTION):
            wall, device = timed(read, options)
        rates = [tokens / ms * 1e3 for ms in wall]
        rows.append({
            "model": options.shape, "test": test, "tokens": tokens, "selector": "transformers, sdpa flash",
            "density": 1.0, "repetitions": options.repetitions, "ttft_ms": statistics.mean(wall),
            "ttft_ms_deviation": deviation(wall), "ttft_ms_minimum": min(wall),
            "tokens_per_s": statistics.mean(rates), "tokens_per_s_deviation": deviation(rates), "kernel_ms": device,
            "device_mib": torch.cuda.max_memory_allocated() / 2**20})
        torch.cuda.empty_cache()
    return with_growth(rows, "selector", "ttft_ms")


def with_growth(rows, label, measure):
    """Slope of log time on log tokens, over the rows of one label."""
    for row in rows:
        points = [(math.log(other["tokens"]), math.log(other[measure])) for other in rows if other[label] == row[label]]
        if len({x for x, _ in points}) > 1:
            row["growth_exponent"] = statistics.linear_regression(*zip(*points)).slope
    return rows


def head():
    versions = {"torch": torch.__version__, "cuda": torch.version.cuda, "cudnn": torch.backends.cudnn.version()}
    if "transformers" in sys.modules:
        versions["transformers"] = sys.modules["transformers"].__version__
    return {**versions, "device": torch.cuda.get_device_name(), "arithmetic": "bf16"}


def shown(name, value):
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int):
        return f"{value:,}" if name == "tokens" else str(value)
    digits = 3 if name == "growth_exponent" else 2 if name.startswith(("tflops", "ttft")) else \
        1 if name.startswith("tokens") else 0 if name == "device_mib" else 4
    return f"{value:,.{digits}f}"


def publish(rows, form):
    columns = list(dict.fromkeys(name for row in rows for name in row))
    if form == "md":
        print(", ".join(f"{name} {value}" for name, value in head().items()), end="\n\n")
        print("| " + " | ".join(name.replace("_", " ") for name in columns) + " |")
        print("|" + "".join("---|" if isinstance(rows[0].get(name), str) else "--:|" for name in columns))
        for row in rows:
            print("| " + " | ".join(shown(name, row.get(name)) for name in columns) + " |")
    elif form == "csv":
        writer = csv.writer(sys.stdout)
        writer.writerow([*head(), *columns])
        for row in rows:
            writer.writerow([*head().values(), *(row.get(name) for name in columns)])
    else:
        for row in rows:
            print(json.dumps({name: value for name, value in {**head(), **row}.items() if value is not None}))


def numbers(text):
    return [int(number) for number in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("attention", "prefill"):
        command = commands.add_parser(name)
        command.add_argument("--repetitions", type=int, default=10)
        command.add_argument("--warm-up", type=int, default=3)
        command.add_argument("--warm-up-ms", type=int, default=1000)
        command.add_argument("-o", "--output", choices=("md", "csv", "jsonl"), default="md")
        if name == "attention":
            command.add_argument("--tokens", type=numbers, default=numbers("8192,32768,131072"))
            command.add_argument("--heads", type=int, default=32)
            command.add_argument("--kv-heads", type=int, default=8)
            command.add_argument("--head-width", type=int, default=128)
            command.add_argument("--kernels", nargs="+", choices=tuple(KERNELS), default=list(KERNELS))
        else:
            command.add_argument("--shape", choices=tuple(SHAPES), default="llama-3.1-8b")
            command.add_argument("tests", nargs="*", default=["pp512", "pp2048", "pp8192"])
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit("peers.py: PyTorch sees no CUDA device here")
    publish(attention(options) if options.command == "attention" else prefill(options), options.output)


if __name__ == "__main__":
    main()
