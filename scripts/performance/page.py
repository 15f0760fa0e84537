#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the page of results from a measurement of measure.py, as kept.py keeps it, and the hand-written remarks.

usage: page.py MEASUREMENT PAGE
Remarks stand in remarks.md beside this file: a section "## <row>" goes into the last column of that row of the table of
targets, all other sections to the end of the page, in their order.
"""
import os
import re
import statistics
import sys

import kept

HERE = os.path.dirname(os.path.abspath(__file__))
# Shape, how often ResNet-20 has it.
CONVOLUTIONS = [("3->16/side:32/stride:1", 1), ("16->16/side:32/stride:1", 6), ("16->32/side:32/stride:2", 1),
                ("32->32/side:16/stride:1", 5), ("32->64/side:16/stride:2", 1), ("64->64/side:8/stride:1", 5),
                ("16->32/side:32/stride:2/1x1", 1), ("32->64/side:16/stride:2/1x1", 1)]
BUTTERFLIES = ["S1L2", "S1L3", "S2L2", "S2L3", "S3L2", "S3L3"]
# Networks that are trained with activations and gradients stored in 16 bits bear this after the name.
HALF = "-half"


class Series:
    """One value a round; None where a round lacks it. Shown as its median."""

    def __init__(self, values):
        self.values = list(values)

    def known(self):
        return [v for v in self.values if v is not None]

    def __bool__(self):
        return bool(self.known())

    @property
    def median(self):
        return statistics.median(self.known())

    def combine(self, other, f):
        other = other.values if isinstance(other, Series) else [other] * len(self.values)
        return Series(None if a is None or b is None else f(a, b) for a, b in zip(self.values, other))

    def __truediv__(self, other):
        return self.combine(other, lambda a, b: a / b)

    def __sub__(self, other):
        return self.combine(other, lambda a, b: a - b)

    def __add__(self, other):
        return self.combine(other, lambda a, b: a + b)

    def __mul__(self, other):
        return self.combine(other, lambda a, b: a * b)

    def text(self, digits=0, unit=""):
        """Median, and the least and greatest where there are several."""
        if not self:
            return "–"
        show = lambda v: f"{v:,.{digits}f}"
        known = self.known()
        spread = f" ({show(min(known))} to {show(max(known))})" if len(known) > 1 else ""
        return show(self.median) + unit + spread


class Measurement:
    def __init__(self, path):
        self.data = kept.read(path)
        self.rounds = self.data["rounds"]

    def ours(self, name, counter="images/s"):
        return Series(r["ours"].get(name, {}).get(counter) for r in self.rounds)

    def over_dense(self, name, work="train"):
        """How many times faster than training the dense network, timed by the same process."""
        return self.ours(f"resnet20/{work}/{name}", "over dense")

    def onednn(self, name, counter):
        return Series(r["onednn"].get(name, {}).get(counter) for r in self.rounds)

    def torch(self, key):
        return Series(r["pytorch"].get(key) for r in self.rounds)

    def best_torch(self, key):
        """Frozen or not, whichever was faster in a round."""
        plain, frozen = self.torch(key), self.torch(key + "/frozen")
        return plain.combine(frozen, max) if frozen else plain

    def busy(self):
        """Training of the dense network with one processor taken, over that without."""
        return Series(r.get("busy") for r in self.rounds) / self.ours("resnet20/train/dense")

    def wide(self):
        """Whether the program was compiled for AVX-512: targets differ."""
        return int(self.context("bench_machine").get("lanes", 0)) == 16

    def context(self, program):
        return self.data["context"].get(program, {})

    def peak(self):
        """Multiply-adds (as two operations) a second, all threads: the median over what the programs of a round measured."""
        return Series(r["peak"] for r in self.rounds)

    # --- derived ------------------------------------------------------------------------------------

    def best_onednn(self, work, shape, counter):
        """Of oneDNN's algorithms the faster one, by medians; (series, name)."""
        found = {name: self.onednn(f"convolution/{work}/{shape}/{name}", counter) for name in ("onednn", "onednn_winograd")}
        found = {name: s for name, s in found.items() if s}
        seconds = {name: self.onednn(f"convolution/{work}/{shape}/{name}", "seconds").median for name in found}
        if not found:
            return Series([None] * len(self.rounds)), ""
        best = min(seconds, key=seconds.get)
        return found[best], " (Winograd)" if best.endswith("winograd") else ""

    def kernel_seconds(self, work, shape, structure):
        """Of a pass over one convolution in training. The data gradient is what the weight gradient leaves of the backward
        pass."""
        seconds = lambda w: self.ours(f"convolution/{w}/{shape}/{structure}", "seconds")
        return seconds("backward") - seconds("weight_gradient") if work == "data_gradient" else seconds(work)

    def kernel_flops(self, shape, structure):
        """Operations of one pass."""
        return self.ours(f"convolution/forward/{shape}/{structure}", "FLOP/s") * self.ours(f"convolution/forward/{shape}/{structure}", "seconds")

    def rates(self, work):
        """{configuration of the study: our images/s}; rounds of pruning that were not timed lie between those that were,
        linear in the time an image takes."""
        rates = {"dense": self.ours(f"resnet20/{work}/dense")}
        for name in BUTTERFLIES:
            rates[name] = self.ours(f"resnet20/{work}/{name}")
        timed = {0: rates["dense"]}
        for name in self.rounds[0]["ours"]:
            found = re.fullmatch(rf"resnet20/{work}/imp-(\d+)", name)
            if found:
                timed[int(found[1])] = self.ours(name)
        known = sorted(timed)
        one = Series([1.0] * len(self.rounds))
        for k in range(1, max(known) + 1):
            below, above = max(i for i in known if i <= k), min(i for i in known if i >= k)
            share = 0 if above == below else (k - below) / (above - below)
            time = one / timed[below] * (1 - share) + one / timed[above] * share
            rates[f"imp-{k:02d}"] = one / time
        return rates

    def torch_rates(self, work):
        """The same of PyTorch: a pruned network runs at dense speed, and for evaluation a butterfly is multiplied out."""
        dense = self.best_torch(f"{work}/dense")
        rates = {name: dense for name in self.rates(work)}
        if work == "train":
            for name in BUTTERFLIES:
                rates[name] = self.torch(f"train/{name}")
        return rates

    def study_seconds(self, rates):
        """All trainings and measurements of the study; {configuration: seconds}. rates: work -> images/s."""
        plan, one = self.data["plan"], Series([1.0] * len(self.rounds))
        train, evaluate, features = rates("train"), rates("eval"), rates("attack_features")
        result = {}
        for c in plan["configurations"]:
            name = c["name"]
            epoch = one / train[name] * (plan["subset"] - plan["validation"]) + one / evaluate[name] * plan["validation"]
            result[name] = (epoch * plan["epochs"] + one / features[name] * (2 * plan["subset"])) * c["trainings"]
        return result


def total(seconds):
    values = list(seconds.values())
    result = values[0]
    for v in values[1:]:
        result = result + v
    return result


def duration(seconds):
    hours = seconds / 3600
    return f"{hours / 24:.1f} days" if hours >= 48 else f"{hours:.1f} hours"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return lines + ["| " + " | ".join(row) + " |" for row in rows] + [""]


def targets_table(rows, remarks):
    """Rows (key, work, at least, aim, reached, detail, verdict), each with its remark."""
    return table(["work", "at least", "aim", "reached", "here, and the peer", "verdict", "remark"],
                 [[r[1], r[2], r[3], f"**{r[4]}**", r[5], r[6], " ".join(remarks.get(r[0], "").split())] for r in rows])


def finished(lines, rows, remarks):
    """The page: lines, and the remarks that belong to none of the rows."""
    keys = {r[0] for r in rows}
    for name, text in remarks.items():
        if name not in keys:
            lines = lines + ["## " + name, "", text, ""]
    return "\n".join(lines).rstrip() + "\n"


def write_page(usage, make):
    """The program: make(measurements, page) gives the text of the page, both paths from the command line."""
    if len(sys.argv) != 3:
        sys.exit(usage)
    written = make(sys.argv[1], sys.argv[2])
    with open(sys.argv[2], "w") as file:
        file.write(written)
    print(f"wrote {sys.argv[2]}")


def read_remarks(path):
    sections, name = {}, None
    if os.path.exists(path):
        with open(path) as file:
            for line in file:
                if line.startswith("## "):
                    name = line[3:].strip()
                    sections[name] = ""
                elif name is not None:
                    sections[name] += line
    return {name: text.strip() for name, text in sections.items()}


def verdict(ratio, least, aim, less_is_better=False):
    if not ratio:
        return "not measured"
    if least is None:
        return "no target"
    value = ratio.median
    reached = (lambda limit: value <= limit) if less_is_better else (lambda limit: value >= limit)
    return "aim" if reached(aim) else "at least" if reached(least) else "missed"


def targets(m):
    """Rows (id, work, at least, aim, reached, ratio series or None, verdict)."""
    rows = []

    def add(key, work, least, aim, ratio, detail, digits=2, percent=False, less=False):
        show = (lambda v: "–" if v is None else f"{100 * v:.0f} %") if percent else (lambda v: "–" if v is None else f"{v:g}x")
        value = "not measured" if not ratio else (Series(100 * v for v in ratio.known()).text(0, " %") if percent else ratio.text(digits, "x"))
        rows.append((key, work, show(least), show(aim), value, detail, verdict(ratio, least, aim, less)))

    train, evaluate = m.ours("resnet20/train/dense"), m.ours("resnet20/eval/dense")
    features = m.ours("resnet20/attack_features/dense")

    def against(ours, theirs):
        both = [f"{s.median:,.0f}" for s in (ours, theirs) if s]
        return ours / theirs, " and ".join(both) + " images/s" if ours else ""

    limits = lambda wide, narrow: wide if m.wide() else narrow
    add("train", "dense training", *limits((1.8, 2.3), (1.6, 2)), *against(train, m.torch("train/dense")))
    add("eval", "dense evaluation", *limits((1.5, 2), (1.4, 1.8)), *against(evaluate, m.best_torch("eval/dense")))
    for name in ("S3L2", "S3L3"):
        add(name, f"{name} training", *limits((4.5, 7), (4, 6)), *against(m.ours(f"resnet20/train/{name}"), m.torch(f"train/{name}")))
    for name, least, aim in (("dense", 2, 2.6), ("S3L2", 5.5, 8), ("S3L3", 5.5, 8)):
        add(name + HALF, f"{name} training with 16-bit storage", *limits((least, aim), (None, None)),
            *against(m.ours(f"resnet20/train/{name}{HALF}"), m.torch(f"train/{name}")))
    for name, percent, least, aim in (("imp-08", "17.3 %", 3, 4), ("imp-16", "3.4 %", 5, 7)):
        add(name, f"IMP training at {percent} nonzero", least, aim, *against(m.ours(f"resnet20/train/{name}"), m.torch("train/dense")))
    add("features", "attack features (6 evaluations an image), dense", *limits((1.6, 2.2), (1.5, 2)),
        *against(features, m.best_torch("attack_features/dense")))
    ours_study = total(m.study_seconds(m.rates))
    if m.torch("train/dense"):
        theirs_study = total(m.study_seconds(m.torch_rates))
        add("study", "the whole study, 186 networks, computed from the measured rates: PyTorch's time over ours", 4, 6,
            theirs_study / ours_study, f"{duration(ours_study.median)} and {duration(theirs_study.median)}")
    else:
        add("study", "the whole study, 186 networks", 4, 6, Series([None]), duration(ours_study.median))
    memory = m.data["memory"]
    if "pytorch" in memory:
        ratio = Series([memory["ours"]["peak"] / memory["pytorch"]["peak"]])
        above = {who: memory[who]["peak"] - memory[who]["before"] for who in memory}
        add("memory", "peak memory of dense training, over PyTorch's", 0.5, 0.3, ratio,
            f"{memory['ours']['peak']:.0f} and {memory['pytorch']['peak']:.0f} MiB; without what the programs hold before they "
            f"begin {above['ours']:.0f} and {above['pytorch']:.0f} MiB", less=True)
    else:
        add("memory", "peak memory of dense training, over PyTorch's", 0.5, 0.3, Series([None]), f"{memory['ours']['peak']:.0f} MiB", less=True)
    add("busy", "dense training with one processor taken by another process, over the quiet machine", 0.45, 0.5, m.busy(), "")
    batch = m.ours("data/batch/augmented", "seconds") / m.ours("resnet20/train/dense", "seconds")
    rows.append(("data", "loading and augmentation, of a dense training step", "2 %", "–", Series(100 * v for v in batch.known()).text(2, " %"),
                 f"{m.ours('data/batch/augmented').median:,.0f} images/s", "at least" if batch.median <= 0.02 else "missed"))
    return rows


def limited_vectors(data):
    """A line where a measurement was told to use narrower vectors than the machine has."""
    if not data.get("isa"):
        return []
    return [f"- **Code for {data['isa']['name']}**, whatever the machine has beyond it: this library by its compiler's flag, peers by "
            + ", ".join(f"`{key}={value}`" for key, value in data["isa"]["peers"].items()) + "; what no variable limits chooses for itself."]


def measured_on(data):
    day = f"; measured on {data['date']}" if "date" in data else ""
    loads = [r["load"] for r in data["rounds"] if "load" in r]
    text = lambda who: Series(100 * load[who] for load in loads).text(1, " %")
    return [f"- State of the sources: {data['state'] or 'unknown'}{day}."] + \
        ([f"- Other processes took {text('others')} of the processors' time in a round, the hypervisor {text('hypervisor')}."] if loads else [])


def machine_section(m):
    context = m.context("bench_machine")
    threads = m.data["threads"]
    torch = m.data["pytorch"]
    onednn = m.context("bench_peers").get("oneDNN")
    lanes = int(context.get("lanes", 0))
    classes = {16: "AVX-512", 8: "AVX2", 4: "128-bit vectors"}
    lines = ["## Machine and programs", "",
             f"- CPU: {context.get('cpu', '?')}, {context.get('num_cpus', '?')} of them, {context.get('mhz_per_cpu', '?')} MHz nominal; "
             f"{threads} thread{'s' if threads > 1 else ''} used; compiled for {classes.get(lanes, '?')}, {lanes} images a register.",
             "- Caches: " + ", ".join(f"L{c['level']} {c['type'].lower()} {c['size'] // 1024} KiB" for c in context.get("caches", [])) + ".",
             f"- Compiler: {context.get('compiler', '?')}, `{context.get('flags', '').strip()}`.",
             *limited_vectors(m.data),
             *measured_on(m.data),
             f"- oneDNN: {onednn + ', on its own memory formats, all its algorithms that take the shape' if onednn else 'absent'}.",
             "- PyTorch: " + (f"{torch['version']}, {torch['threads']} thread{'s' if torch['threads'] > 1 else ''}, oneDNN {'on' if torch['onednn'] else 'off'}, vectors of its own operators: {torch['vectors']}, memory: {torch['memory']}." if torch else "absent."),
             "- Eigen: unfolded patches times the weight, one image after another.",
             f"- Rounds: {len(m.rounds)}; batch 256; single precision.", ""]
    rows = []
    for t in sorted({1, threads}):
        rows.append([str(t), f"{m.ours(f'machine/multiply_add/threads:{t}', 'FLOP/s').median / 1e9:.0f}"] +
                    [f"{m.ours(f'machine/copy/{where}/threads:{t}', 'bytes/s').median / 1e9:.0f}"
                     for where in ("first_cache", "second_cache", "activation", "memory")])
    lines += ["The machine's own limits, measured in every round (GFLOP/s; GB/s, read plus written):", ""]
    lines += table(["threads", "multiply-add", "copy in the first cache", "in the second", "of arrays like an activation", "in memory"], rows)
    return lines


def networks_section(m):
    lines = ["## Networks", "",
             "images/s, medians over the rounds, in brackets the least and greatest. `imp-k` keeps what k rounds of global "
             "magnitude pruning leave of normally distributed weights (small layers keep more); `pruned` the same share of every layer. PyTorch runs a pruned network at dense speed, "
             "and evaluates a butterfly as the dense network it multiplies out to.", ""]
    rows = []
    names = [n.split("/")[2] for n in m.rounds[0]["ours"] if n.startswith("resnet20/train/")]
    order = ["dense"] + BUTTERFLIES + sorted(n for n in names if n.startswith("imp")) + [n for n in names if n.startswith("pruned")]
    order += [n for n in names if n not in order]
    for name in order:
        theirs = m.torch(f"train/{name}")
        variant = m.data["chosen"].get(f"train/{name}", "")
        rows.append([name, m.ours(f"resnet20/train/{name}").text(), "1.00x" if name == "dense" else f"{m.over_dense(name).median:.2f}x",
                     f"{100 * m.ours(f'resnet20/train/{name}', 'of peak').median:.0f} %",
                     f"{theirs.text()}, {variant}" if theirs else "–", m.ours(f"resnet20/eval/{name}").text(),
                     m.ours(f"resnet20/attack_features/{name}").text()])
    lines += table(["network", "training", "over dense", "of peak", "PyTorch's training, its best way", "inference", "attack features"], rows)
    if m.torch("eval/dense"):
        tried = m.data["variants"]
        text = lambda work: ", ".join(f"{v} {r:,.0f}" for v, r in tried[f"{work}/dense"].items())
        lines += [f"PyTorch's dense inference: {m.torch('eval/dense').text()} images/s ({m.data['chosen']['eval/dense']}), frozen "
                  f"{m.torch('eval/dense/frozen').text()}; attack features {m.torch('attack_features/dense').text()}, frozen "
                  f"{m.torch('attack_features/dense/frozen').text()}.", "",
                  f"What was tried before the rounds to choose (images/s): training {text('train')}; inference {text('eval')}; " +
                  "; ".join(f"{n} training " + ", ".join(f"{v} {r:,.0f}" for v, r in tried[f"train/{n}"].items()) for n in BUTTERFLIES) + ".", ""]
    return lines


def kernels_section(m):
    works = (("training_forward", "forward"), ("data_gradient", "data gradient"), ("weight_gradient", "weight gradient"))
    lines = ["## Convolutions", "",
             "In training, 256 images: GFLOP/s that the direct algorithm would need to be as fast, in brackets how many times as fast as our direct "
             "kernel, whose fraction of the measured multiply-add peak stands behind it. The data gradient is the backward pass less the weight gradient.", ""]
    rows = []
    for shape, count in CONVOLUTIONS:
        row = [f"{shape.replace('/', ', ')}, {count}x"]
        flops = m.kernel_flops(shape, "dense")
        for work, _ in works:
            seconds, direct = m.kernel_seconds(work, shape, "dense"), m.kernel_seconds(work, shape, "direct")
            if seconds:
                text = f"{(flops / seconds).median / 1e9:.0f}"
                row.append(text + (f" ({(direct / seconds).median:.2f}x; {100 * (flops / direct / m.peak()).median:.0f} %)" if direct else ""))
            else:
                row.append("–")
            theirs, how = m.best_onednn({"training_forward": "forward"}.get(work, work), shape, "FLOP/s")
            row.append(f"{theirs.median / 1e9:.0f}{how}" if theirs else "–")
        eigen = m.ours(f"convolution/forward/{shape}/unfold+eigen", "FLOP/s")
        rows.append(row + [f"{eigen.median / 1e9:.0f}" if eigen else "–"])
    lines += table(["shape, times in the network", "forward", "oneDNN", "data gradient", "oneDNN", "weight gradient", "oneDNN",
                    "forward, unfold and Eigen"], rows)
    lines += ["Structures: how many times faster than our own dense kernel, forward and backward (both gradients), with the ratio of "
              "multiply-adds in brackets.", ""]
    rows = []
    structures = ["csr17.3%", "csr3.4%", "chain2", "chain3"]
    for shape, _ in CONVOLUTIONS:
        row = [shape.replace("/", ", ")]
        for s in structures:
            speed = [m.ours(f"convolution/{w}/{shape}/dense", "seconds") / m.ours(f"convolution/{w}/{shape}/{s}", "seconds")
                     for w in ("forward", "backward")]
            work = m.kernel_flops(shape, "dense") / m.kernel_flops(shape, s)
            row.append(f"{speed[0].median:.1f}, {speed[1].median:.1f} ({work.median:.1f})" if speed[0] else "–")
        rows.append(row)
    return lines + table(["shape"] + structures, rows)


def layers_section(m):
    lines = ["## Other operators", "", "256 images; microseconds, and bytes that have to move at least once over the copy bandwidth of "
             "arrays as large as an activation.", ""]
    rows = []
    for name in m.rounds[0]["ours"]:
        if re.match(r"(batch_norm|pooling|linear|loss|sgd|data)/", name):
            fraction = m.ours(name, "of copy")
            rows.append([name, f"{m.ours(name, 'seconds').median * 1e6:,.0f}", f"{fraction.median:.2f}" if fraction else "–"])
    lines += table(["operator", "microseconds", "of copy"], rows)
    epoch = m.over_dense("dense", "epoch")
    if epoch:
        lines += [f"A whole epoch by the trainer, data and bookkeeping included, runs at {100 * epoch.median:.1f} % of the bare "
                  "training step's images/s.", ""]
    return lines


def study_section(m):
    plan = m.data["plan"]
    lines = ["## The whole study", "",
             f"Computed, not run: {sum(c['trainings'] for c in plan['configurations'])} trainings of {plan['epochs']} epochs on "
             f"{plan['subset'] - plan['validation']:,} images, {plan['validation']:,} validation images an epoch, and "
             f"{1 + plan['draws']} evaluations of {2 * plan['subset']:,} images for each network's attack features, at the rates above "
             "(rounds of pruning between those that were timed: linear in the time of an image). Loading, augmentation, "
             "discriminators and the report are left out, for both.", ""]
    ours = m.study_seconds(m.rates)
    theirs = m.study_seconds(m.torch_rates) if m.torch("train/dense") else None
    rows = []
    for group, member in (("dense", "dense"), ("IMP, 24 rounds", "imp-"), ("butterflies", "S")):
        part = {k: v for k, v in ours.items() if k.startswith(member)}
        row = [group, duration(total(part).median)]
        if theirs:
            other = total({k: v for k, v in theirs.items() if k.startswith(member)})
            row += [duration(other.median), f"{(other / total(part)).median:.2f}x"]
        rows.append(row)
    row = ["all", duration(total(ours).median)]
    if theirs:
        row += [duration(total(theirs).median), f"{(total(theirs) / total(ours)).median:.2f}x"]
    rows.append(row)
    return lines + table(["part", "here"] + (["PyTorch", "ratio"] if theirs else []), rows)


def page(m, remarks):
    rows = targets(m)
    isa = m.data.get("isa")
    lines = ["# Performance" + (" with code for " + isa["name"] if isa else ""), "",
             "What the library reaches on a CPU against its targets, its peers and the machine's own limits. `scripts/bench report" +
             (" --isa " + isa["name"].lower() if isa else "") + "` measures all of it and writes this page; the remarks are written by hand (`scripts/performance/remarks.md`). "
             f"In each of {len(m.rounds)} rounds every piece of work runs here and directly afterwards in the peer; ratios are formed "
             "within a round, and the page shows their median and, in brackets, the least and the greatest.", ""]
    if m.data["quick"]:
        lines += ["**A quick run, which proves that everything runs and measures nothing.**", ""]
    lines += ["## Targets", ""]
    lines += targets_table(rows, remarks)
    for section in machine_section, networks_section, kernels_section, layers_section, study_section:
        lines += section(m)
    return finished(lines, rows, remarks)


def text(path, _):
    return page(Measurement(path), read_remarks(os.path.join(HERE, "remarks.md")))


def main():
    write_page(__doc__, text)


if __name__ == "__main__":
    main()
