#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A training step and an evaluation of the dense ResNet-20 by PyTorch on a CUDA device: what scripts/gpu-check compares with.

usage: resnet20_pytorch.py [--batch N] [--seconds S] [--device cuda|cpu]
One line of JSON on standard output: {"torch", "device", "rows": [{"work", "variant", "milliseconds", "images_per_second"}]}.
A step is forward, cross-entropy, backward and SGD with momentum, on a batch that is on the device; an evaluation is the forward pass.
VARIANT: fp32 (as papillon computes), tf32 (ten bits of mantissa in products; faster, other numbers), each as PyTorch runs it by itself
(eager), and recorded once and replayed (graph), which is what papillon does. Exit status 3: no PyTorch, or none for this device.
Needs PyTorch only.
"""
import argparse
import json
import sys
import time

try:
    import torch
    import torch.nn as nn
    import torch.nn.functional as F
except ImportError as problem:
    print(f"PyTorch cannot be imported ({problem})", file=sys.stderr)
    sys.exit(3)


class Block(nn.Module):
    def __init__(self, cin, cout, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, cout, 3, stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(cout)
        self.conv2 = nn.Conv2d(cout, cout, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(cout)
        self.downsample = None
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(nn.Conv2d(cin, cout, 1, stride, bias=False), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet20(nn.Module):
    """As papillon's nn::make_resnet with default options: 16, 32, 64 filters, projections where the shape changes."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(16)
        blocks, cin = [], 16
        for segment in range(3):
            for i in range(3):
                blocks.append(Block(cin, 16 << segment, 2 if segment > 0 and i == 0 else 1))
                cin = 16 << segment
        self.blocks = nn.Sequential(*blocks)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        return self.fc(self.blocks(F.relu(self.bn1(self.conv1(x)))).mean((2, 3)))


def prepare(work, batch, device):
    """A function that does the work once, and starts nothing that it does not need."""
    torch.manual_seed(1)
    net = ResNet20().to(device)
    x = torch.randn(batch, 3, 32, 32, device=device)
    labels = (torch.arange(batch) * 7 % 10).to(device)
    if work == "eval":
        net.eval()

        def evaluate():
            with torch.no_grad():
                net(x)
        return evaluate
    net.train()
    optimiser = torch.optim.SGD(net.parameters(), lr=0.02, momentum=0.9, weight_decay=1e-3)

    def step():
        optimiser.zero_grad(set_to_none=False)
        F.cross_entropy(net(x), labels).backward()
        optimiser.step()
    return step


def recorded(f):
    """f as a CUDA graph; warmed up on another stream, as PyTorch asks for."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(5):
            f()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        f()
    return graph.replay


def timed(f, seconds, wait):
    """Middle of five rounds, in seconds a call."""
    def run(calls):
        begin = time.perf_counter()
        for _ in range(calls):
            f()
        wait()
        return (time.perf_counter() - begin) / calls

    for _ in range(3):
        run(1)
    calls = max(1, int(seconds / 5 / max(run(1), 1e-6)))
    return sorted(run(calls) for _ in range(5))[2]


def main():
    arguments = argparse.ArgumentParser(description="ResNet-20 by PyTorch; one line of JSON", epilog=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--batch", type=int, default=256)
    arguments.add_argument("--seconds", type=float, default=5, help="of each row")
    arguments.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    options = arguments.parse_args()
    on_gpu = options.device == "cuda"
    if on_gpu and not torch.cuda.is_available():
        print("PyTorch sees no CUDA device", file=sys.stderr)
        return 3
    torch.backends.cudnn.benchmark = True
    rows = []
    for precision in ("fp32", "tf32") if on_gpu else ("fp32",):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
        for work in ("train", "eval"):
            for way in ("eager", "graph") if on_gpu else ("eager",):
                f = prepare(work, options.batch, options.device)
                try:
                    f = recorded(f) if way == "graph" else f
                except RuntimeError as problem:  # a PyTorch that cannot record this: the other rows count
                    print(f"{precision}, {way}, {work}: {problem}", file=sys.stderr)
                    continue
                seconds = timed(f, options.seconds, torch.cuda.synchronize if on_gpu else lambda: None)
                rows.append({"work": work, "variant": f"{precision}, {way}", "milliseconds": 1e3 * seconds, "images_per_second": options.batch / seconds})
    device = torch.cuda.get_device_name() if on_gpu else "cpu"
    print(json.dumps({"torch": torch.__version__, "device": device, "rows": rows}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
