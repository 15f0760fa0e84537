#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the golden files of this folder with PyTorch; README.md says what each of them holds.

usage: OMP_NUM_THREADS=1 ./make_golden.py [FOLDER]
"""
import json
import os
import sys

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "scripts", "compare"))
import safetensors_io  # noqa: E402
from resnet import ChainConv2d, ResNet, chain_matrix, fold, smallest_monotone  # noqa: E402

BATCH, STEPS, HEIGHT, WIDTH = 17, 10, 9, 7  # odd, and height differs from width
MOMENTUM, WEIGHT_DECAY, LEARNING_RATE = .9, .005, .03
RELU_MARGIN = 1e-5
PRECISIONS = {"float32": torch.float32, "float64": torch.float64}
OUT = sys.argv[1] if len(sys.argv) > 1 else HERE


def save(name, tensors, **metadata):
    arrays = {key: (value.detach().numpy() if torch.is_tensor(value) else value) for key, value in tensors.items()}
    metadata = {"made_by": f"make_golden.py, PyTorch {torch.__version__}", **{k: str(v) for k, v in metadata.items()}}
    path = os.path.join(OUT, name + ".safetensors")
    safetensors_io.save(path, arrays, metadata)
    print(f"{name}: {os.path.getsize(path)} bytes {metadata}")


def running(net):
    return {name: value for name, value in net.named_buffers() if "running" in name}


# --- small ResNets -----------------------------------------------------------------------------

def perturbed(net, rng):
    """Batch norms as after some training, so that no test passes because a weight is 1 or a mean 0."""
    draw = lambda v, low, high: v.data.copy_(torch.from_numpy(rng.uniform(low, high, v.shape)))
    for module in net.modules():
        if isinstance(module, nn.BatchNorm2d):
            draw(module.weight, .5, 1.5)
            draw(module.bias, -.3, .3)
            draw(module.running_mean, -.2, .2)
            draw(module.running_var, .5, 2.)
    return net


def draw_masks(net, rng):
    """Keeps 40 % of the weights of every convolution and of the last layer; one output channel loses all."""
    masks = {}
    for name, value in net.named_parameters():
        prunable = value.dim() > 1
        masks[name] = (rng.random(value.shape) < .4) if prunable else np.ones(value.shape, bool)
    masks["layer2.0.conv1.weight"][3] = False
    return {name: mask.astype(np.uint8) for name, mask in masks.items()}


class SmallestInput:
    """The smallest |input| any ReLU sees: rounding that could cross zero would change a gradient by a jump."""

    def __enter__(self):
        self.value, self.relu = float("inf"), F.relu

        def watched(x):
            self.value = min(self.value, x.abs().min().item())
            return self.relu(x)
        F.relu = watched
        return self

    def __exit__(self, *_):
        F.relu = self.relu


def train(make, dtype, weights, masks, inputs, labels):
    """Evaluation, gradients and ten SGD steps of one network in one precision."""
    net = make()
    net.load_state_dict(weights)
    net.to(dtype)
    mask = {name: torch.from_numpy(m).to(dtype) for name, m in masks.items()}
    optimiser = torch.optim.SGD(net.parameters(), LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY)
    out, losses = {}, []
    net.eval()
    with torch.no_grad():
        out["logits_eval"] = net(inputs[0].to(dtype))
    net.train()
    for step in range(STEPS):
        logits = net(inputs[step].to(dtype))
        loss = F.cross_entropy(logits, labels[step])
        optimiser.zero_grad()
        loss.backward()
        for name, value in net.named_parameters():
            if name in mask:
                value.grad *= mask[name]
        if step == 0:
            out["logits_train"] = logits.detach().clone()
            out.update({f"gradients/{name}": value.grad.clone() for name, value in net.named_parameters()})
            out.update({f"state_1/{name}": value.clone() for name, value in running(net).items()})
        optimiser.step()
        losses.append(loss.item())
    out["losses"] = torch.tensor(losses, dtype=dtype)
    out.update({f"parameters_10/{name}": value.detach().clone() for name, value in net.named_parameters()})
    out.update({f"state_10/{name}": value.clone() for name, value in running(net).items()})
    return out


def small_resnets(inputs, labels):
    cases = {"dense": {}, "padded": {"shortcut": "padded"}, "masked": {},
             "chain2": {"segments": 2, "factors": 2}, "chain3": {"segments": 3, "factors": 3}}
    for case, (name, options) in enumerate(cases.items()):
        make = lambda: ResNet(depth=8, width=4, **options)
        for seed in range(100 * case, 100 * case + 100):
            torch.manual_seed(seed)
            rng = np.random.default_rng(seed)
            net = perturbed(make(), rng)
            masks = draw_masks(net, rng) if name == "masked" else {}
            for key, mask in masks.items():
                dict(net.named_parameters())[key].data *= torch.from_numpy(mask)
            weights = {key: value.clone() for key, value in net.state_dict().items()}
            with SmallestInput() as smallest:
                results = {"float64": train(make, torch.float64, weights, masks, inputs, labels)}
            if smallest.value > RELU_MARGIN:
                break
        else:
            raise SystemExit(f"{name}: no seed keeps the inputs of the ReLUs away from zero")
        results["float32"] = train(make, torch.float32, weights, masks, inputs, labels)
        tensors = {f"parameters/{key}": value for key, value in net.named_parameters()}
        tensors.update({f"state/{key}": value for key, value in running(net).items()})
        tensors.update({f"mask/{key}": mask for key, mask in masks.items()})
        for precision, result in results.items():
            tensors.update({f"{precision}/{key}": value for key, value in result.items()})
        chains = {key: [list(factor.shape) for factor in module.parameters()]
                  for key, module in net.named_modules() if isinstance(module, ChainConv2d)}
        save("resnet_" + name, tensors, depth=8, width=4, shortcut=options.get("shortcut", "projection"),
             butterfly_segments=options.get("segments", 0), butterfly_factors=options.get("factors", 0),
             learning_rate=LEARNING_RATE, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY, seed=seed,
             smallest_relu_input=f"{smallest.value:.2e}", chains=json.dumps(chains))
        if name == "dense":
            dense = make(), weights
    return dense


# --- single operators --------------------------------------------------------------------------

def operators(rng, height=5, width=3):
    tensors = {}

    def case(name, inputs, compute, backward=True):
        """inputs: {name: float32 array}; records inputs and output, the upstream gradient and all gradients."""
        arrays = {key: np.asarray(value, np.float32) for key, value in inputs.items()}
        upstream = None
        for precision, dtype in PRECISIONS.items():
            leaves = {key: torch.from_numpy(value).to(dtype).requires_grad_() for key, value in arrays.items()}
            y = compute(**leaves)
            tensors[f"{name}/{precision}/y"] = y
            if not backward:
                continue
            if upstream is None:
                upstream = rng.standard_normal(tuple(y.shape)).astype(np.float32)
            y.backward(torch.from_numpy(upstream).to(dtype))
            tensors.update({f"{name}/{precision}/d{key}": leaf.grad for key, leaf in leaves.items()})
        tensors.update({f"{name}/{key}": value for key, value in arrays.items()})
        if backward:
            tensors[f"{name}/dy"] = upstream

    def normal(*shape):
        return rng.standard_normal(shape)

    for kernel, stride in ((3, 1), (3, 2), (1, 1), (1, 2)):
        case(f"conv{kernel}x{kernel}_stride{stride}",
             {"x": normal(BATCH, 5, height, width), "weight": normal(7, 5, kernel, kernel)},
             lambda x, weight: F.conv2d(x, weight, stride=stride, padding=kernel // 2))
    # Chains of an 8 x 36 and an 8 x 72 matrix; the first in both orders of the columns.
    chains = {"chain_2_factors": (smallest_monotone(8, 36, 2), 4, 1, False),
              "chain_2_factors_tap_major": (smallest_monotone(8, 36, 2), 4, 1, True),
              "chain_3_factors_stride2": (smallest_monotone(8, 72, 3), 8, 2, False)}
    for name, (patterns, channels, stride, tap_major) in chains.items():
        inputs = {"x": normal(BATCH, channels, height, width)}
        inputs.update({f"factor{k}": normal(*p) for k, p in enumerate(patterns)})

        def chain(x, **factors):
            return F.conv2d(x, fold(chain_matrix(list(factors.values())), 3, tap_major), stride=stride, padding=1)
        case(name, inputs, chain)
        with torch.no_grad():
            factors = [torch.from_numpy(tensors[f"{name}/factor{k}"]).double() for k in range(len(patterns))]
            tensors[f"{name}/float64/product"] = chain_matrix(factors)

    norm = {"x": normal(BATCH, 5, height, width) * 2 + 1, "weight": rng.uniform(.5, 1.5, 5), "bias": normal(5)}
    before = {"running_mean": normal(5).astype(np.float32), "running_var": rng.uniform(.5, 2, 5).astype(np.float32)}
    for name, training in (("batch_norm_train", True), ("batch_norm_eval", False)):
        after = []

        def batch_norm(x, weight, bias):
            mean, var = (torch.from_numpy(v.copy()).to(x.dtype) for v in before.values())
            after.append((mean, var))
            return F.batch_norm(x, mean, var, weight, bias, training, .1, 1e-5)
        case(name, norm, batch_norm, backward=training)
        tensors.update({f"{name}/{key}": value for key, value in before.items()})
        for precision, values in zip(PRECISIONS, after):
            tensors.update({f"{name}/{precision}/{key}": v for key, v in zip(before, values)})

    case("linear", {"x": normal(BATCH, 13), "weight": normal(10, 13), "bias": normal(10)}, F.linear)
    case("average_pool", {"x": normal(BATCH, 5, height, width)}, lambda x: x.mean((2, 3)))
    case("softmax", {"x": normal(BATCH, 10) * 5}, lambda x: F.softmax(x, 1), backward=False)
    labels = rng.integers(0, 10, BATCH).astype(np.uint8)
    logits = normal(BATCH, 10).astype(np.float32) * 5
    case("cross_entropy", {"x": logits}, lambda x: F.cross_entropy(x, torch.from_numpy(labels.astype(np.int64))))
    # Logits up to a few hundred: exp(x) alone overflows a float above 88.7.
    case("cross_entropy_large", {"x": logits * 30}, lambda x: F.cross_entropy(x, torch.from_numpy(labels.astype(np.int64))))
    tensors["cross_entropy/labels"] = tensors["cross_entropy_large/labels"] = labels
    save("operators", tensors, chains=json.dumps({k: v[0] for k, v in chains.items()}))


# --- optimisers --------------------------------------------------------------------------------

def optimisers(rng):
    tensors = {"vector": rng.standard_normal(37).astype(np.float32),
               "gradients": rng.standard_normal((STEPS, 37)).astype(np.float32) * np.float32(.1),
               "features": rng.standard_normal((STEPS, BATCH, 30)).astype(np.float32),
               "members": rng.integers(0, 2, (STEPS, BATCH)).astype(np.uint8)}
    tensors["gradients"][:, 5] = 0  # Adam must not divide by zero
    rates = [.1] * 6 + [.01] * 4  # the learning rate falls between two steps, momentum stays
    choices = {"sgd": lambda p: torch.optim.SGD(p, rates[0], momentum=MOMENTUM, weight_decay=WEIGHT_DECAY),
               "adam": lambda p: torch.optim.Adam(p, rates[0])}
    for name, make in choices.items():
        for precision, dtype in PRECISIONS.items():
            vector = torch.from_numpy(tensors["vector"]).to(dtype).clone().requires_grad_()
            optimiser, path = make([vector]), []
            for rate, gradient in zip(rates, tensors["gradients"]):
                optimiser.param_groups[0]["lr"] = rate
                vector.grad = torch.from_numpy(gradient).to(dtype)
                optimiser.step()
                path.append(vector.detach().numpy().copy())
            tensors[f"{name}/{precision}/path"] = np.stack(path)

    torch.manual_seed(11)
    perceptron = nn.Sequential(nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 30), nn.ReLU(), nn.Linear(30, 1))
    initial = {key: value.clone() for key, value in perceptron.state_dict().items()}
    tensors.update({f"discriminator/parameters/{key}": value for key, value in initial.items()})
    for precision, dtype in PRECISIONS.items():
        perceptron.load_state_dict(initial)
        net = perceptron.to(dtype)
        optimiser, losses = torch.optim.Adam(net.parameters(), .01), []
        for x, members in zip(tensors["features"], tensors["members"]):
            logits = net(torch.from_numpy(x).to(dtype))[:, 0]
            loss = F.binary_cross_entropy_with_logits(logits, torch.from_numpy(members).to(dtype))
            optimiser.zero_grad()
            loss.backward()
            if not losses:
                tensors[f"discriminator/{precision}/logits"] = logits
                tensors.update({f"discriminator/{precision}/gradients/{k}": p.grad.clone()
                                for k, p in net.named_parameters()})
            optimiser.step()
            losses.append(loss.item())
        tensors[f"discriminator/{precision}/losses"] = np.array(losses, dtype=precision)
        tensors.update({f"discriminator/{precision}/parameters_10/{k}": p.detach().numpy().copy()
                        for k, p in net.named_parameters()})
        perceptron = net.float()
    save("optimisers", tensors, rates=rates, momentum=MOMENTUM, weight_decay=WEIGHT_DECAY,
         discriminator="30-30-30-1, Adam .01")


# --- iterative magnitude pruning ---------------------------------------------------------------

def prune(values, keep, group, fraction):
    """Among the group's weights that are still kept, drops round(fraction n) of the n: the smallest
    magnitudes, ties by position."""
    left = np.flatnonzero(keep & group)
    count = int(np.floor(fraction * len(left) + .5))
    order = left[np.argsort(np.abs(values[left]), kind="stable")]
    keep = keep.copy()
    keep[order[:count]] = False
    return keep


def pruning(rng, rounds=4):
    """Masks over the flat parameter buffer of the small dense ResNet, from other weights every round."""
    named = list(ResNet(depth=8, width=4).named_parameters())
    everything = np.concatenate([np.full(p.numel(), p.dim() > 1) for _, p in named])
    last = np.concatenate([np.full(p.numel(), name == "fc.weight") for name, p in named])
    # Multiples of 1/64: many ties, among them between a value and its negative and across layers.
    weights = np.round(rng.standard_normal((rounds, len(everything))) * 16).astype(np.float32) / 64
    tensors = {"weights": weights, "prunable": everything.astype(np.uint8)}
    for name in ("uniform", "fc_fraction_0.1"):
        keep, masks = np.ones(len(everything), bool), []
        for values in weights:
            if name == "uniform":
                keep = prune(values, keep, everything, .2)
            else:
                keep = prune(values, keep, everything & ~last, .2)
                keep = prune(values, keep, last, .1)
            masks.append(keep.astype(np.uint8))
        tensors[name] = np.stack(masks)
        print(f"{name}: {[int((m.astype(bool) & everything).sum()) for m in masks]} of {everything.sum()} left")
    save("pruning", tensors, fraction=.2)


# --- attack features ---------------------------------------------------------------------------

def attack(rng, dense, images=23, draws=5, eps=.001):
    """Softmax and its mean absolute response to noise, of the dense small ResNet, in evaluation mode."""
    net, weights = dense
    net.load_state_dict(weights)
    x = rng.standard_normal((images, 3, HEIGHT, WIDTH)).astype(np.float32)
    noise = rng.standard_normal((draws, *x.shape)).astype(np.float32)
    labels = rng.integers(0, 10, images).astype(np.uint8)
    tensors = {"x": x, "noise": noise, "labels": labels}
    for precision, dtype in PRECISIONS.items():
        net.to(dtype).eval()
        with torch.no_grad():
            base = torch.from_numpy(x).to(dtype)
            plain = F.softmax(net(base), 1)
            response = torch.zeros_like(plain)
            for n in noise:
                response += (F.softmax(net(base + eps * torch.from_numpy(n).to(dtype)), 1) - plain).abs()
            tensors[f"{precision}/softmax"] = plain
            tensors[f"{precision}/response"] = response / (draws * eps)
    save("attack", tensors, eps=eps, draws=draws, parameters="resnet_dense.safetensors: parameters, state")


# --- networks as users save them ----------------------------------------------------------------

def state_dicts(inputs):
    """ResNet-20 of width 4 as nn.DataParallel saves it (module.NAME), and with option A as the common CIFAR code names it."""
    for name, shortcut, rename in (("projection", "projection", lambda key: "module." + key),
                                   ("padded", "padded", lambda key: "module." + key.replace("fc.", "linear."))):
        torch.manual_seed(20)
        net = perturbed(ResNet(depth=20, width=4, shortcut=shortcut), np.random.default_rng(20)).eval()
        tensors = {rename(key): value for key, value in net.state_dict().items()}
        save("state_dict_" + name, tensors)
        results = {}
        with torch.no_grad():
            for precision, dtype in PRECISIONS.items():
                results[f"{precision}/logits"] = net.to(dtype)(inputs[0].to(dtype))
        save("state_dict_" + name + "_logits", results)


def main():
    torch.set_num_threads(1)
    rng = np.random.default_rng(20261123)
    inputs = rng.standard_normal((STEPS, BATCH, 3, HEIGHT, WIDTH)).astype(np.float32)
    labels = rng.integers(0, 10, (STEPS, BATCH)).astype(np.uint8)
    save("resnet_batches", {"inputs": inputs, "labels": labels})
    dense = small_resnets(torch.from_numpy(inputs), torch.from_numpy(labels.astype(np.int64)))
    operators(rng)
    optimisers(rng)
    pruning(rng)
    attack(rng, dense)
    state_dicts(torch.from_numpy(inputs))


if __name__ == "__main__":
    main()
