#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Writes the page and the figures of structured operators from a measurement of measure_operators.py, as kept.py keeps it.

usage: operators_page.py MEASUREMENT PAGE
Figures go into a folder named as the page without its extension. Remarks stand in operators_remarks.md beside this file: a
section "## <row>" goes into the last column of that row of the table of targets, all other sections to the end of the page.
"""
import os
import statistics
import subprocess

import kept
from page import Series, finished, limited_vectors, measured_on, read_remarks, table, targets_table, verdict, write_page

HERE = os.path.dirname(os.path.abspath(__file__))
STUDY = ["16x144", "32x144", "32x288", "64x288", "64x576"]
DENSE = ["eigen_dense", "openblas", "papillon"]
LIBXSMM_SPARSE = ["libxsmm_sparse", "libxsmm_spmdm"]
MKL_BLOCKS = ["mkl_batch", "mkl_jit"]
# One vector: of these sizes the least ratio to FFHT is the target.
HADAMARD = [f"{n}x{n}" for n in (1024, 2048, 4096, 8192, 16384)]
TITLES = {"monarch": "Monarch", "chain2": "smallest monotone chain, two factors", "chain3": "smallest monotone chain, three factors", "dyadic": "dyadic butterfly",
          "partial": "first three factors of the dyadic butterfly", "random": "CSR, as many nonzeros as Monarch", "full": "CSR of a dense matrix",
          "dense": "dense", "hadamard": "Hadamard transform", "dft": "Fourier transform"}
SIZE = "4096x4096"


class Measurement:
    def __init__(self, path):
        self.data = kept.read(path)
        self.rounds = [r["results"] for r in self.data["rounds"]]
        self.names = {name for r in self.rounds for name in r}
        self.context = self.data["rounds"][0]["context"]

    def series(self, name, counter="seconds"):
        return Series(r.get(name, {}).get(counter) for r in self.rounds)

    def seconds(self, case, candidate):
        return self.series(f"{case}/{candidate}")

    def best(self, case, candidates):
        """Of these, each with all threads and with one, the fastest by its median: (series, name); empty if none was measured."""
        names = [f"{c}{suffix}" for c in candidates for suffix in ("", "/one_thread") if f"{case}/{c}{suffix}" in self.names]
        found = {name: self.seconds(case, name) for name in names}
        if not found:
            return Series([None] * len(self.rounds)), ""
        name = min(found, key=lambda n: found[n].median)
        return found[name], name

    def shapes(self, scalar, structure, panel="1"):
        """Those of a structure that were measured, small ones first."""
        found = {n.split("/")[2] for n in self.names if n.startswith(f"{scalar}/{structure}/") and n.split("/")[3] == panel}
        return sorted(found, key=lambda s: (rows(s) * cols(s), s))

    def limits(self, what):
        """A limit of the machine from the context, the median over rounds; None where there is none."""
        known = [float(r["context"][what]) for r in self.data["rounds"] if what in r["context"]]
        return statistics.median(known) if known else None


def rows(shape):
    return int(shape.split("x")[0])


def cols(shape):
    return int(shape.split("x")[1])


def panel_name(panel):
    if panel == "1":
        return "one vector"
    return f"panel of {panel.rstrip('r')}, row-major" if panel.endswith("r") else f"panel of {panel}"


def micro(seconds):
    """Microseconds, three digits."""
    if not seconds:
        return "–"
    value = seconds.median * 1e6
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


# --- targets --------------------------------------------------------------------------------------------

def least_ratio(ratios):
    """Of {name: series} the smallest by its median, and its name."""
    known = {name: s for name, s in ratios.items() if s}
    if not known:
        return Series([None]), ""
    name = min(known, key=lambda n: known[n].median)
    return known[name], name


class Targets:
    """Rows (key, work, at least, aim, reached, detail, verdict)."""

    def __init__(self, m):
        self.m, self.rows = m, []

    def add(self, key, work, least, aim, ratio, detail, percent=False):
        show = (lambda v: f"{100 * v:g} %") if percent else (lambda v: f"{v:g}x")
        if least is None:
            limits, result = ("–", "–"), "no target"
        else:
            limits, result = (show(least), show(aim)), verdict(ratio, least, aim)
        value = "not measured" if not ratio else (Series(100 * v for v in ratio.known()).text(0, " %") if percent else ratio.text(1, "x"))
        self.rows.append((key, work, *limits, value, detail, result))

    def against(self, key, work, least, aim, case, peers, peer_case=None):
        """Ours at a case against the best of the peers, which may have measured the case under another structure's name."""
        ours = self.m.seconds(case, "papillon")
        theirs, name = self.m.best(peer_case or case, peers)
        detail = f"{micro(ours)} and {micro(theirs)} us ({name})" if theirs else f"{micro(ours)} us"
        self.add(key, work, least, aim, theirs / ours, detail)

    def beside(self, key, work, case, peers):
        """The same without a target, where one of the peers was measured."""
        if self.m.best(case, peers)[0]:
            self.against(key, work, None, None, case, peers)

    def worst(self, key, work, least, aim, cases, peers, own="papillon"):
        """The least ratio over several cases {name: case}; own: by which of our ways."""
        ratio, name = least_ratio({n: self.m.best(c, peers)[0] / self.m.seconds(c, own) for n, c in cases.items()})
        nano = lambda seconds: f"{seconds.median * 1e9:,.0f}"
        self.add(key, work, least, aim, ratio, f"least, at {name}; {nano(self.m.seconds(cases[name], own))} and {nano(self.m.best(cases[name], peers)[0])} ns" if name else "")

    def of_roofline(self, key, work, least, aim, case):
        """Of the roofline of the threads that a product uses: one, where it is not divided, though there may be more."""
        all_threads, one = (self.m.series(f"{case}/papillon{suffix}", "of roofline") for suffix in ("", "/one_thread"))
        used = self.m.series(f"{case}/papillon", "threads used")
        alone = bool(one) and bool(used) and used.median < 1.5
        self.add(key, work, least, aim, one if alone else all_threads, "one thread" if alone else "all threads", percent=True)


def dense_case(case):
    scalar, _, shape, panel = case.split("/")
    return f"{scalar}/dense/{shape}/{panel}"


def targets(m):
    t = Targets(m)
    case = lambda structure, panel: f"float/{structure}/{SIZE}/{panel}"
    for s in ("monarch", "chain2", "chain3"):
        t.against(f"{s}-csr", f"{TITLES[s]}, one vector, against Eigen's CSR of its factors", 6, 12, case(s, "1"), ["eigen_csr"])
        t.beside(f"{s}-mkl", "the same against MKL's", case(s, "1"), ["mkl_csr"])
    study = {f"{shape} L = {depth}": f"float/chain{depth}/{shape}/1" for shape in STUDY for depth in (2, 3)}
    t.worst("study-csr", "the study's chains at their own shapes, one vector, by apply, against Eigen's CSR", 4, 8, study, ["eigen_csr"])
    t.worst("study-prepared", "the same by a prepared product", 4, 8, study, ["eigen_csr"], "papillon_prepared")
    if any(m.best(c, ["mkl_csr"])[0] for c in study.values()):
        t.worst("study-mkl", "these chains by apply against MKL's CSR", None, None, study, ["mkl_csr"])
    for s in ("monarch", "chain2", "chain3"):
        t.against(f"{s}-dense", f"{TITLES[s]}, one vector, against the best dense product", 30, 60, case(s, "1"), DENSE, case("dense", "1"))
    t.against("dyadic-csr", "twelve-factor butterfly, one vector, against Eigen's CSR", 6, 12, case("dyadic", "1"), ["eigen_csr"])
    t.beside("dyadic-mkl", "the same against MKL's", case("dyadic", "1"), ["mkl_csr"])
    for s in ("monarch", "chain2", "chain3"):
        ours = m.series(f"{case(s, '1')}/papillon", "of roofline")
        one = m.series(f"{case(s, '1')}/papillon/one_thread", "of roofline")
        t.add(f"{s}-roofline", f"{TITLES[s]}, one vector, fraction of the roofline", 0.6, 0.8, ours,
              f"one thread {100 * one.median:.0f} % of its own" if one else "", percent=True)
    t.of_roofline("dyadic-roofline", f"{TITLES['dyadic']}, one vector, fraction of the roofline of the threads used", 0.5, 0.7, case("dyadic", "1"))
    for panel in ("64", "64r"):
        for s in ("monarch", "chain2", "chain3"):
            t.against(f"{s}-{panel}-csr", f"{TITLES[s]}, {panel_name(panel)}, against Eigen's CSR", 4, 6, case(s, panel), ["eigen_csr"])
            t.beside(f"{s}-{panel}-mkl", "the same against MKL's", case(s, panel), ["mkl_csr"])
    for s in ("monarch", "chain2", "chain3"):
        t.against(f"{s}-64r-libxsmm", f"{TITLES[s]}, {panel_name('64r')}, against LIBXSMM's sparse kernels", 1.5, 2, case(s, "64r"), LIBXSMM_SPARSE)
        t.against(f"{s}-64r-blocks", "the same against LIBXSMM's dense kernels, one a block", None, None, case(s, "64r"), ["libxsmm_dense"])
        t.beside(f"{s}-64r-mkl-blocks", "the same against MKL's dense products, one a block, in batches or generated", case(s, "64r"), MKL_BLOCKS)
    for panel in ("64", "64r"):
        for s in ("monarch", "chain2", "chain3"):
            t.against(f"{s}-{panel}-dense", f"{TITLES[s]}, {panel_name(panel)}, against the best dense product", 25, 35, case(s, panel), DENSE, case("dense", panel))
    t.against("hadamard", "Hadamard transform, one vector, speed over FFTW's r2r (DHT) of the same size", 0.5, 1, case("hadamard", "1"), ["fftw"])
    t.worst("hadamard-ffht", "Hadamard transform, 1,024 to 16,384, one vector, against FFHT", 1, 1.2,
            {s.split("x")[0]: f"float/hadamard/{s}/1" for s in HADAMARD}, ["ffht"])
    chooser_targets(m, t)
    return t.rows


# --- the chooser ----------------------------------------------------------------------------------------

FORMS = ("chain", "dense", "csr")


def forms_of(m, case):
    """{form: median seconds} of what a chain or a mask can be multiplied as, where that was measured."""
    scalar, structure, shape, panel = case.split("/")
    own = "csr" if structure.startswith(("random", "full")) else "chain"
    found = {own: m.seconds(case, "papillon"), "dense": m.seconds(dense_case(case), "papillon")}
    if own == "chain":
        found["csr"] = m.seconds(case, "papillon_csr") or m.seconds(f"{scalar}/full/{shape}/{panel}", "papillon")
    return {form: s.median for form, s in found.items() if s}


def choices(m):
    """[(case, chosen form, fastest form, its time as a share of the chosen one's more)] for every case where there was a choice."""
    found = []
    for name in sorted(m.names):
        if not name.endswith("/papillon"):
            continue
        predicted = {f: m.series(name, "predicted " + f) for f in FORMS}
        predicted = {f: s.median for f, s in predicted.items() if s}
        case = name.rsplit("/", 1)[0]
        times = forms_of(m, case)
        if not predicted or len(times) < 2:
            continue
        chosen, fastest = min(predicted, key=predicted.get), min(times, key=times.get)
        # A form that is too slow to have been measured costs at least as much as the slowest that was.
        found.append((case, chosen, fastest, times.get(chosen, max(times.values())) / times[fastest] - 1))
    return found


def chooser_targets(m, t):
    found = choices(m)
    right = Series([sum(c[1] == c[2] for c in found) / len(found)] if found else [None])
    t.add("chooser-right", "the chooser names the fastest of dense, CSR and chain", 0.95, 0.95, right, f"{len(found)} cases", percent=True)
    within = lambda limit: sum(c[3] <= limit for c in found) / len(found)
    if not found:
        t.rows.append(("chooser-loss", "time lost by its choice, against the fastest of the three", "10 %", "5 %", "not measured", "", "not measured"))
        return
    worst = max(found, key=lambda c: c[3])
    mean = statistics.mean(c[3] for c in found)
    result = "aim" if worst[3] <= 0.05 else "at least" if worst[3] <= 0.1 else "missed"
    t.rows.append(("chooser-loss", "most time lost by its choice, against the fastest of the three", "10 %", "5 %", f"{100 * worst[3]:.0f} %",
                   f"{worst[0]}; mean {100 * mean:.1f} %, within 10 % in {100 * within(0.1):.0f} % of the cases", result))


def chooser_section(m):
    found = choices(m)
    if not found:
        return []
    lines = ["## The chooser", "", "`fastest_form` predicts the time of a product as a chain, as CSR and as a dense matrix from a few figures of the "
             f"machine. Of {len(found)} cases in which at least two of the forms were measured it names the fastest in "
             f"{sum(c[1] == c[2] for c in found)}. Where it does not:", ""]
    wrong = sorted((c for c in found if c[1] != c[2]), key=lambda c: -c[3])
    if not wrong:
        return lines[:-2] + [lines[-2].replace(" Where it does not:", ""), ""]
    return lines + table(["case", "chosen", "fastest", "time lost"], [[c[0], c[1], c[2], f"{100 * c[3]:.0f} %"] for c in wrong])


# --- tables ---------------------------------------------------------------------------------------------

def machine_section(m):
    context, threads = m.context, m.data["threads"]
    peers = [("Eigen", context.get("Eigen"), "eigen"), ("OpenBLAS", (context.get("OpenBLAS") or "").replace("OpenBLAS ", "").split(" ")[0], "openblas"), ("LIBXSMM", context.get("LIBXSMM"), "libxsmm"), ("FFTW", context.get("FFTW"), "fftw"),
             ("FFHT", context.get("FFHT"), "ffht"), ("MKL", context.get("MKL"), "mkl")]
    has = lambda word: any(n.split("/")[4].startswith(word) for n in m.names)
    lines = ["## Machine and programs", "",
             f"- CPU: {context.get('cpu', '?')}, {context.get('num_cpus', '?')} of them, {context.get('mhz_per_cpu', '?')} MHz nominal; {threads} threads.",
             "- Caches: " + ", ".join(f"L{c['level']} {c['type'].lower()} {c['size'] // 1024} KiB" for c in context.get("caches", [])) + ".",
             f"- Compiler: {context.get('compiler', '?')}, `{context.get('flags', '').strip()}`.",
             *limited_vectors(m.data),
             *measured_on(m.data),
             "- Peers: " + ", ".join(f"{name} {version or ''}".strip() if has(word) else f"{name} absent" for name, version, word in peers) + ".",
             f"- Rounds: {len(m.rounds)}; caches are warm: every product is repeated with the same weights and vectors.", ""]
    limits = []
    for suffix in ("one thread", "all threads"):
        values = [m.limits(f"{what}, {suffix}") for what in ("GFLOP/s", "read GB/s, first cache", "read GB/s, second cache", "read GB/s, third cache", "read GB/s, memory")]
        if values[0] is not None:
            limits.append([suffix] + [f"{v:.0f}" for v in values])
    lines += ["The machine's own limits, measured in every round. The roofline of a product is the larger of its weights' bytes over the read "
              "bandwidth of the cache that holds them, each thread its share, and of its multiply-adds (two operations each) over the peak.", ""]
    return lines + table(["threads", "GFLOP/s", "reading the first cache, GB/s", "the second", "the third", "memory"], limits)


def times_section(m):
    lines = ["## Times", "", "Microseconds, medians; of a peer the better of all threads and one. In brackets the fraction of the roofline that the "
             "library reaches. `CSR` is this library's, of the factors one after another; of a random mask it is the structure itself.", ""]
    for panel in ("1", "8", "64", "64r", "512"):
        result = []
        for structure in ("monarch", "chain2", "chain3", "dyadic", "partial", "random"):
            for shape in m.shapes("float", structure, panel):
                case = f"float/{structure}/{shape}/{panel}"
                roofline = m.series(f"{case}/papillon", "of roofline")
                ours = f"{micro(m.seconds(case, 'papillon'))} ({100 * roofline.median:.0f} %)" if roofline else "–"
                result.append([TITLES[structure], shape.replace("x", " x "), ours, micro(m.seconds(case, "papillon_csr_factors")), micro(m.best(case, ["eigen_csr"])[0]),
                               micro(m.best(case, ["mkl_csr"])[0])] +
                              ([micro(m.best(case, blocks)[0]) for blocks in (LIBXSMM_SPARSE, ["libxsmm_dense"], MKL_BLOCKS)] if panel == "64r" else []) +
                              ([micro(m.best(case, ["by_hand"])[0])] if panel == "1" else []) +
                              [micro(m.seconds(dense_case(case), "papillon")), micro(m.best(dense_case(case), DENSE[:2])[0])])
        if result:
            lines += [f"### {panel_name(panel).capitalize()}", ""]
            lines += table(["structure", "shape", "papillon", "CSR", "Eigen's CSR", "MKL's CSR"] + (["LIBXSMM sparse", "LIBXSMM blocks", "MKL blocks"] if panel == "64r" else []) +
                           (["loop by hand"] if panel == "1" else []) + ["dense", "best dense peer"], result)
    return lines


def density_section(m):
    result = []
    for panel in ("1", "64"):
        for structure in sorted({n.split("/")[1] for n in m.names if n.startswith("float/random")}, key=lambda s: (len(s) == 6, s)):
            for shape in m.shapes("float", structure, panel):
                if shape != "1024x1024":
                    continue
                case = f"float/{structure}/{shape}/{panel}"
                dense = m.best(dense_case(case), DENSE)[0]
                speed = lambda candidate: f"{(dense / m.best(case, [candidate])[0]).median:.2f}x" if m.best(case, [candidate])[0] else "–"
                result.append((density(m, case), [panel_name(panel), f"{100 * density(m, case):.1f} %", speed("papillon"), speed("eigen_csr"), speed("mkl_csr")]))
    if not result:
        return []
    return ["## CSR against dense", "", "A random mask of 1,024 x 1,024: how many times faster than the best dense product.", ""] + \
        table(["vectors", "density", "papillon", "Eigen", "MKL"], [r for _, r in sorted(result, key=lambda r: (r[1][0], r[0]))])


def transforms_section(m):
    result = []
    for scalar, structure in (("float", "hadamard"), ("complex", "dft")):
        for panel in ("1", "64", "64r"):
            for shape in m.shapes(scalar, structure, panel):
                case = f"{scalar}/{structure}/{shape}/{panel}"
                ours = m.seconds(case, "papillon")
                if ours:
                    peers = [m.best(case, [peer])[0] for peer in ("fftw", "ffht")]
                    result.append([TITLES[structure], str(rows(shape)), panel_name(panel), micro(ours)] +
                                  [cell for p in peers for cell in (micro(p), f"{(p / ours).median:.2f}" if p else "–")])
    return ["## Transforms", "", "Microseconds; FFTW's discrete Hartley transform and complex Fourier transform of the same size, measured plans, the "
            "better of all threads and one; FFHT's Hadamard transform by one thread.", ""] + \
        table(["transform", "size", "vectors", "papillon", "FFTW", "its time over ours", "FFHT", "its time over ours"], result)


def scalars_section(m):
    result = []
    for scalar in ("float", "double", "complex"):
        for structure in ("monarch", "dyadic"):
            for shape in m.shapes("double", structure):
                for panel in ("1", "64"):
                    case = f"{scalar}/{structure}/{shape}/{panel}"
                    if not m.seconds(case, "papillon"):
                        continue
                    roofline = m.series(f"{case}/papillon", "of roofline")
                    result.append([scalar, TITLES[structure], shape.replace("x", " x "), panel_name(panel),
                                   f"{micro(m.seconds(case, 'papillon'))} ({100 * roofline.median:.0f} %)",
                                   micro(m.best(case, ["eigen_csr"])[0]), micro(m.best(dense_case(case), DENSE)[0])])
    return ["## Scalars", ""] + table(["scalar", "structure", "shape", "vectors", "papillon", "Eigen's CSR", "best dense"], result)


# --- figures --------------------------------------------------------------------------------------------

def density(m, case):
    shape = case.split("/")[2]
    return m.series(f"{case}/papillon", "coefficients").median / (rows(shape) * cols(shape))


def gnuplot(path, settings, curves):
    """curves: [(title, style, [(x, y)])]; those without points are left out."""
    curves = [c for c in curves if c[2]]
    data = "".join("$d%d << EOD\n%s\nEOD\n" % (i, "\n".join(f"{x} {y}" for x, y in points)) for i, (_, _, points) in enumerate(curves))
    plots = ", ".join(f'$d{i} using 1:2 with {style} title "{title}"' for i, (title, style, _) in enumerate(curves))
    script = f"set terminal svg size 760,520 font 'sans,13' background 'white'\nset output '{path}'\nset grid\nset logscale xy\n{settings}\n{data}plot {plots}\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)


def times_figure(m, path, panel):
    square = lambda structure: [s for s in m.shapes("float", structure, panel) if rows(s) == cols(s)]

    def curve(title, structure, candidates, dashes=""):
        points = []
        for shape in square(structure):
            seconds = m.best(f"float/{structure}/{shape}/{panel}", candidates)[0]
            if seconds:
                points.append((rows(shape), seconds.median * 1e6))
        return title, f"linespoints lw 2 pt 7 ps 0.5 {dashes}", points

    gnuplot(path, "set key top left\nset xlabel 'rows and columns'\nset ylabel 'microseconds'\nset xtics (64, 256, 1024, 4096, 16384)\nset xrange [40:26000]",
            [curve("best dense", "dense", DENSE), curve("Monarch, Eigen CSR", "monarch", ["eigen_csr"]), curve("butterfly, Eigen CSR", "dyadic", ["eigen_csr"]),
             curve("Monarch, papillon", "monarch", ["papillon"]), curve("butterfly, papillon", "dyadic", ["papillon"]),
             # As many multiply-adds as the butterfly: dashes let its curve show.
             curve("Hadamard, papillon", "hadamard", ["papillon"], "dt 2"), curve("Hartley, FFTW", "hadamard", ["fftw"])])


def density_figure(m, path):
    def curve(title, select, candidates, style):
        points = []
        for name in m.names:
            scalar, structure, shape, panel, candidate = name.split("/")[:5]
            if candidate != candidates[0] or name.count("/") > 4 or not select(structure, shape, panel):
                continue
            case = f"{scalar}/{structure}/{shape}/{panel}"
            ours, dense = m.best(case, candidates)[0], m.best(dense_case(case), DENSE)[0]
            if ours and dense:
                points.append((100 * density(m, case), (dense / ours).median))
        return title, style, sorted(points)

    mask = lambda s, shape, panel: s.startswith("random") and shape == "1024x1024" and panel == "1"
    chain = lambda s, shape, panel: s in ("monarch", "chain2", "chain3", "dyadic") and panel == "1"
    line, points = "linespoints lw 2 pt 7 ps 0.5", "points pt 5 ps 0.6"
    gnuplot(path, "set key top right\nset xlabel 'coefficients, percent of the dense matrix'\nset ylabel 'times faster than the best dense product, one vector'",
            [curve("random CSR of 1024 x 1024, papillon", mask, ["papillon"], line), curve("random CSR of 1024 x 1024, Eigen", mask, ["eigen_csr"], line),
             curve("chains of all sizes, papillon", chain, ["papillon"], points), curve("chains of all sizes, Eigen CSR", chain, ["eigen_csr"], points)])


def figures(m, page_path):
    folder = os.path.splitext(page_path)[0]
    os.makedirs(folder, exist_ok=True)
    times_figure(m, os.path.join(folder, "one-vector.svg"), "1")
    times_figure(m, os.path.join(folder, "panel-64.svg"), "64")
    density_figure(m, os.path.join(folder, "density.svg"))


def figures_section(page_path):
    name = os.path.splitext(os.path.basename(page_path))[0]
    return ["## Figures", "", "Of every program the better of all threads and one.", "", f"![Time against size, one vector]({name}/one-vector.svg)", "", f"![Time against size, panel of 64]({name}/panel-64.svg)", "",
            f"![Speed-up against density]({name}/density.svg)", ""]


def page(m, remarks, figure_lines=()):
    found = targets(m)
    lines = ["# Products with structured matrices", "",
             "y = W x and Y = W X: what the library reaches against its targets, its peers and the machine's own limits. `scripts/bench matvec` measures "
             f"all of it and writes this page; remarks are written by hand (`scripts/performance/operators_remarks.md`). In each of {len(m.rounds)} rounds all "
             "programs are timed at a case directly after one another; ratios are formed within a round, and the page shows their median and, in "
             "brackets, the least and the greatest. Every product, but Fourier transforms and FFTW's, was checked against its definition before it was timed. Single precision and 4,096 x "
             "4,096 unless said otherwise; panels are column-major unless said otherwise.", ""]
    if m.data["quick"]:
        lines += ["**A quick run, which proves that everything runs and measures nothing.**", ""]
    lines += ["## Targets", ""]
    lines += targets_table(found, remarks)
    lines += list(figure_lines)
    for section in machine_section, chooser_section, times_section, density_section, transforms_section, scalars_section:
        lines += section(m)
    return finished(lines, found, remarks)


def text(path, to):
    return page(Measurement(path), read_remarks(os.path.join(HERE, "operators_remarks.md")), figures_section(to))


def text_and_figures(path, to):
    figures(Measurement(path), to)
    return text(path, to)


def main():
    write_page(__doc__, text_and_figures)


if __name__ == "__main__":
    main()
