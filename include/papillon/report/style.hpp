// SPDX-License-Identifier: MIT
/// \file style.hpp
/// The style sheet of the report's page, written into it so that the page stands alone.
#pragma once

namespace papillon::report {

inline constexpr char const* style_sheet = R"css(
:root { color-scheme: light; --ink: #1c2024; --quiet: #626b74; --line: #dfe3e7; --soft: #f5f7f9; --imp: #1f4fbf; --butterfly: #c0261c; }
* { box-sizing: border-box; }
body { margin: 0; background: white; color: var(--ink); font: 16px/1.55 system-ui, "Segoe UI", "DejaVu Sans", Helvetica, Arial, sans-serif; }
main { max-width: 78rem; margin: 0 auto; padding: 2.5rem 1.5rem 5rem; }
header { border-bottom: 1px solid var(--line); padding-bottom: 1.2rem; margin-bottom: 1.6rem; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.3rem; margin: 2.8rem 0 .6rem; }
h3 { font-size: 1.02rem; margin: 1.6rem 0 .3rem; }
p, ul { margin: .5rem 0; max-width: 62rem; }
figure { max-width: 62rem; }
ul { padding-left: 1.3rem; }
a { color: var(--imp); }
small, .quiet { color: var(--quiet); }
small { font-size: .84em; white-space: nowrap; }
.lead { font-size: 1.14rem; }
.note { background: #fff6df; border-left: 4px solid #e0a100; padding: .6rem .9rem; margin: 1rem 0; }
.facts { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1.4rem 0 0; }
.fact { flex: 1 1 11rem; background: var(--soft); border-radius: .6rem; padding: .8rem 1rem; }
.fact b { display: block; font-size: 1.65rem; line-height: 1.2; font-weight: 650; }
.fact span.what { color: var(--quiet); font-size: .88rem; }
figure { margin: 1.2rem 0; }
figure svg { display: block; width: 100%; height: auto; }
figcaption { color: var(--quiet); font-size: .9rem; margin-top: .4rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .38rem .55rem; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: baseline; }
th { font-weight: 600; color: var(--quiet); white-space: normal; vertical-align: bottom; font-size: .84rem; }
th:first-child, td:first-child, td.text, th.text { text-align: left; }
tbody tr:hover { background: var(--soft); }
.oracle { color: #8a6d3b; font-style: italic; }
.imp { color: var(--imp); } .butterfly { color: var(--butterfly); }
.none { color: #b3bac0; }
.yes { font-weight: 650; }
details { border: 1px solid var(--line); border-radius: .5rem; margin: .5rem 0; padding: .4rem .8rem; }
summary { cursor: pointer; font-weight: 600; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.2rem; font-size: .93rem; }
dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
@media print { main { max-width: none; padding: 0; } details { break-inside: avoid; } }
)css";

}  // namespace papillon::report
