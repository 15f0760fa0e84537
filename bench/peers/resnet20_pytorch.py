#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""ResNet-20 by PyTorch: the peer of bench/nn, at batch 256, as fast as PyTorch can be made to do it.

usage: resnet20_pytorch.py          reads one request a line, answers each with one line of JSON:
         about                      version, threads, how many variants each work has
         WORK NETWORK VARIANT S     times for at least S seconds: {"images_per_second", "steps"}
       resnet20_pytorch.py memory VARIANT    peak memory of three dense training steps in this fresh process, MiB

WORK      train (forward, loss, backward, SGD), eval, attack_features (six evaluations and the noise)
NETWORK   dense or SsLl, S segments of chains of L factors
VARIANT   joined by "+": nchw or nhwc (channels_last), and for butterflies the way they run:
          product: the chain multiplied out (its product has one path an entry, so entries are products of broadcast
                   coefficients), then one dense convolution
          factors: a grouped 3x3 convolution, then grouped 1x1 convolutions with a shuffle of channels between them
          compiled: by torch.compile, in training
          for eval and attack_features also: frozen, compiled by torch.jit.optimize_for_inference (batch norm folded
                   into the convolutions); a butterfly is then multiplied out beforehand
"""
import gc
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "scripts", "compare"))

import torch
import torch.nn as nn
import torch.nn.functional as F

import resnet

IMAGES = 256


def chain_product(factors):
    """The product of the factors of a chain with one path an entry: W[j1..jL, k1..kL] is the product over l of
    T_l[(k1..k_{l-1}), j_l, k_l, (j_{l+1}..j_L)]."""
    b = [t.shape[1] for t in factors]
    c = [t.shape[2] for t in factors]
    length = len(factors)
    product = None
    for l, t in enumerate(factors):
        # Axes (k1..k_{l-1}, j_l, k_l, j_{l+1}..j_L) -> (j_l, j_{l+1}.., k1.., k_l), then broadcast.
        t = t.reshape(c[:l] + [b[l], c[l]] + b[l + 1:])
        t = t.permute([l] + list(range(l + 2, length + 1)) + list(range(l)) + [l + 1])
        t = t.reshape([1] * l + b[l:] + c[:l + 1] + [1] * (length - l - 1))
        product = t if product is None else product * t
    rows = 1
    for n in b:
        rows *= n
    return product.reshape(rows, -1)


class ProductConv2d(resnet.ChainConv2d):
    def forward(self, x):
        weight = resnet.fold(chain_product(list(self.parameters())), 3)
        if x.is_contiguous(memory_format=torch.channels_last):
            weight = weight.contiguous(memory_format=torch.channels_last)
        return F.conv2d(x, weight, stride=self.stride, padding=1)


class FactorsConv2d(resnet.ChainConv2d):
    """The input-side factor (a, b, c, 1) convolves c / 9 channels in each of a groups; every other factor (a, b, c, d)
    is a grouped 1x1 convolution on channels reordered from (a, c, d) to (a, d, c)."""

    def forward(self, x):
        factors = list(self.parameters())
        a, b, c, d = factors[-1].shape
        x = F.conv2d(x, factors[-1].reshape(a * b, c // 9, 3, 3), stride=self.stride, padding=1, groups=a)
        n, _, h, w = x.shape
        for t in reversed(factors[:-1]):
            a, b, c, d = t.shape
            x = x.reshape(n, a, c, d, h, w).transpose(2, 3).reshape(n, a * d * c, h, w)
            x = F.conv2d(x, t.permute(0, 3, 1, 2).reshape(a * d * b, c, 1, 1), groups=a * d)
            x = x.reshape(n, a, d, b, h, w).transpose(2, 3).reshape(n, a * b * d, h, w)
        return x


def network(name, way):
    """The network of a name, its chains run the given way."""
    if name == "dense":
        return resnet.ResNet()
    resnet.ChainConv2d, kept = {"product": ProductConv2d, "factors": FactorsConv2d}[way], resnet.ChainConv2d
    try:
        return resnet.ResNet(segments=int(name[1]), factors=int(name[3]))
    finally:
        resnet.ChainConv2d = kept


def multiplied_out(net):
    """The same network with plain dense convolutions: what an evaluation needs of a butterfly."""
    for parent in net.modules():
        for name, child in list(parent.named_children()):
            if isinstance(child, resnet.ChainConv2d):
                weight = resnet.fold(chain_product(list(child.parameters())), 3)
                conv = nn.Conv2d(weight.shape[1], weight.shape[0], 3, child.stride, padding=1, bias=False)
                conv.weight.data.copy_(weight)
                setattr(parent, name, conv)
    return net


def prepare(work, name, variant):
    """A function that does the work once, on 256 images."""
    words = variant.split("+")
    layout = torch.channels_last if "nhwc" in words else torch.contiguous_format
    torch.manual_seed(1)
    net = network(name, "factors" if "factors" in words else "product")
    x = torch.randn(IMAGES, 3, 32, 32).to(memory_format=layout)
    if work == "train":
        net = net.to(memory_format=layout).train()
        if "compiled" in words:
            net = torch.compile(net)
        labels = torch.arange(IMAGES) % 10
        optimiser = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9)

        def step():
            optimiser.zero_grad()
            F.cross_entropy(net(x), labels).backward()
            optimiser.step()
        return step

    with torch.no_grad():
        if "factors" not in words:
            net = multiplied_out(net)
        net = net.to(memory_format=layout).eval()
        if "frozen" in words:
            net = torch.jit.optimize_for_inference(torch.jit.freeze(torch.jit.trace(net, x)))

    def evaluate():
        with torch.no_grad():
            net(x)

    def features():
        with torch.no_grad():
            plain = F.softmax(net(x), 1)
            change = torch.zeros_like(plain)
            for _ in range(5):
                change += (F.softmax(net(x + 0.001 * torch.randn_like(x)), 1) - plain).abs()
            torch.cat([plain, change / (5 * 0.001), F.one_hot(torch.zeros(IMAGES, dtype=torch.long), 10).float()], 1)
    return evaluate if work == "eval" else features


def timed(step, seconds):
    """images/s of a step that is done again and again, twice beforehand."""
    step()
    step()
    steps, begin = 0, time.perf_counter()
    while True:
        step()
        steps += 1
        passed = time.perf_counter() - begin
        if passed >= seconds and steps >= 2:
            return {"images_per_second": steps * IMAGES / passed, "steps": steps}


def status(field):
    with open("/proc/self/status") as file:
        return next(float(line.split()[1]) / 1024 for line in file if line.startswith(field + ":"))


def check():
    """The fast ways compute what the slow, plain one computes."""
    torch.manual_seed(2)
    for rows, cols, length in ((16, 144, 2), (64, 288, 3)):
        plain = resnet.ChainConv2d(resnet.smallest_monotone(rows, cols, length), 2)
        x = torch.randn(3, cols // 9, 9, 9)
        for other in ProductConv2d, FactorsConv2d:
            conv = other(resnet.smallest_monotone(rows, cols, length), 2)
            conv.load_state_dict(plain.state_dict())
            if not torch.allclose(conv(x), plain(x), atol=1e-5):
                raise SystemExit(f"{other.__name__} does not compute the chain {rows} x {cols} of {length} factors")


def main():
    if len(sys.argv) > 1 and sys.argv[1] == "memory":
        before = status("VmRSS")
        step = prepare("train", "dense", sys.argv[2])
        for _ in range(3):
            step()
        print(json.dumps({"peak": status("VmHWM"), "before": before}))
        return
    check()
    for line in sys.stdin:
        words = line.split()
        if words == ["about"]:
            answer = {"version": torch.__version__, "threads": torch.get_num_threads(),
                      "onednn": torch.backends.mkldnn.is_available()}
        else:
            try:
                answer = timed(prepare(words[0], words[1], words[2]), float(words[3]))
            except Exception as problem:  # an old PyTorch has no torch.compile, another lacks what that needs
                answer = {"error": str(problem).strip().splitlines()[0] if str(problem).strip() else type(problem).__name__}
        gc.collect()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
