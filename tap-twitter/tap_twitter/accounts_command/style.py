"""The look of the pages: the colors and the type of the reports and the docs, light and dark."""

from __future__ import annotations

from typing import Final

STYLE: Final = """\
:root {
  color-scheme: light dark;
  --ground: #fff; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --accent: #3f51b5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14171c; --ink: #e6e8eb; --soft: #a3acb8; --line: #353b45; --accent: #9fa8ff;
  }
}
* { box-sizing: border-box; margin: 0; }
body {
  background: var(--ground); color: var(--ink);
  font: 1rem/1.55 system-ui, sans-serif; padding: clamp(1rem, 6vh, 5rem) 1rem;
}
main, footer { max-width: 40rem; margin: 0 auto; overflow-wrap: anywhere; }
main { border: 1px solid var(--line); border-radius: 8px; padding: clamp(1.25rem, 4vw, 2.5rem); }
header { display: flex; gap: 1rem; align-items: center; margin-bottom: 1.25rem; }
header::before {
  content: "!"; content: "!" / "";
  flex: none; width: 2.5rem; height: 2.5rem; border-radius: 50%; border: 2px solid var(--accent);
  color: var(--accent); font-size: 1.25rem; font-weight: 700; display: grid; place-items: center;
}
header.waits::before { content: "…"; content: "…" / ""; }
header.done::before {
  content: "✓"; content: "✓" / ""; background: var(--accent); color: var(--ground);
}
h1 { font-size: clamp(1.375rem, 4vw, 1.75rem); line-height: 1.25; }
h2 { font-size: 1rem; }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1.25rem; }
section > * + * { margin-top: .5rem; }
dl { display: grid; gap: .25rem; }
dl div { display: grid; grid-template-columns: 8rem 1fr; gap: .5rem; }
dt, footer { color: var(--soft); }
ul { padding-left: 1.25rem; }
pre {
  border: 1px solid var(--line); border-radius: 8px; padding: .625rem .75rem; white-space: pre-wrap;
  font: .9375rem/1.5 ui-monospace, monospace;
}
footer { margin-top: 1rem; font-size: .875rem; text-align: center; }
@media (max-width: 30rem) { dl div { grid-template-columns: 1fr; gap: 0; margin-bottom: .5rem; } }
@media (min-width: 120rem) { html { font-size: 125%; } }
"""
"""The stylesheet of every page; nothing in it is loaded from anywhere.

The sign of a state has an empty text alternative, since the title says the same in words.
"""
