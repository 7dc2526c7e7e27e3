import { type Handler, replyHtml, replyText } from "./http/exchange";
import { escapeHtml } from "./http/html";
import { KICKBOX_OUTCOMES } from "./kickbox/outcomes";
import type { SandboxParts } from "./parts";
import { SCENARIOS } from "./topics/scenarios";
import { DEMO_DAY } from "./topics/site";
import { TWILIO_OUTCOMES } from "./twilio/outcomes";

/** The page a person sees who opens the sandbox, and the robots.txt of its origin. */
export function frontHandler(parts: SandboxParts): Handler {
  return async ({ res, path }) => {
    if (path === "/robots.txt") return replyText(res, parts.robots.status, parts.robots.text);
    if (path !== "/") return replyText(res, 404, "Not found\n");
    replyHtml(res, 200, frontPage(parts));
  };
}

const STYLE = `
:root { color-scheme: light dark; --canvas: light-dark(#fff, #111315); --sunken: light-dark(#f2f5f7, #16191c); --line: light-dark(#e1e4e7, #2c3034);
  --ink: light-dark(#171c22, #e6e8ea); --ink-2: light-dark(#484e55, #b2b6bb); --accent: light-dark(#116080, #73c9e1) }
* { box-sizing: border-box }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 15px/1.55 "Inter Variable", Inter, system-ui, "Segoe UI", sans-serif }
.strip { padding: 5px 20px; font-size: 12px; color: var(--ink-2); border-bottom: 1px solid var(--line);
  background: repeating-linear-gradient(-45deg, var(--sunken) 0 6px, transparent 6px 12px) }
.strip span { background: var(--canvas); padding: 1px 8px; border-radius: 4px } .strip b { color: var(--ink) }
main { max-width: 880px; margin: 0 auto; padding: 40px 20px 64px }
h1 { font-size: 26px; line-height: 32px; letter-spacing: -.01em; margin: 0 0 10px } h2 { font-size: 14px; margin: 36px 0 8px }
p { margin: 0 0 12px; max-width: 66ch } a { color: var(--accent); text-underline-offset: 3px } a:focus-visible, summary:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
table { border-collapse: collapse; width: 100%; font-size: 13px } th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top }
th { font-weight: 520; color: var(--ink-2) } td.n { font-variant-numeric: tabular-nums } code { font: 12px/1.4 ui-monospace, "SF Mono", Menlo, monospace }
details { border-bottom: 1px solid var(--line); padding: 8px 0 } summary { cursor: pointer; font-size: 13px } .scroll { overflow-x: auto } td:first-child code { white-space: nowrap }
`;

const table = (
  head: string[],
  rows: string[][],
) => `<div class="scroll"><table><thead><tr>${head.map((each) => `<th scope="col">${each}</th>`).join("")}</tr></thead>
<tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("\n")}</tbody></table></div>`;

const code = (text: string) => `<code>${escapeHtml(text)}</code>`;

/** A description, with what stands between backticks as code. */
const prose = (text: string) => escapeHtml(text).replaceAll(/`([^`]+)`/g, "<code>$1</code>");

function frontPage({ site }: SandboxParts): string {
  const counties = site
    .stages()
    .map((stage) => [
      `<a href="/topics/BailPublic?MagistrationLocation=${encodeURIComponent(stage.county)}">${escapeHtml(stage.county)}</a>`,
      code(stage.scenario),
      stage.scenario === DEMO_DAY ? "follows the clock" : `${stage.step + 1} of ${stage.steps}`,
      String(stage.forms),
    ]);
  const scenarios = Object.entries(SCENARIOS).map(([name, { description }]) => [code(name), prose(description)]);
  const numbers = Object.entries(TWILIO_OUTCOMES).map(([digits, outcome]) => [
    code(`512 555 ${digits}`),
    escapeHtml(inWords(outcome)),
  ]);
  const addresses = Object.entries(KICKBOX_OUTCOMES).map(([tag, outcome]) => [
    code(`${tag}@example.com`),
    escapeHtml(inWords(outcome)),
  ]);
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Arrestra sandbox</title><style>${STYLE}</style></head>
<body>
<div class="strip" role="note"><span><b>Sandbox.</b> Every person here is <b>invented</b>. Nothing leaves this computer.</span></div>
<main>
<h1>The Arrestra sandbox</h1>
<p>Stand-ins for the outside systems that Arrestra talks to, over real HTTP on this computer: a court site with bail forms, a phone look-up and an e-mail check.
The demonstration and the tests use the same ones. People, magistrates, agencies, cases and carriers are made up; any likeness is an accident.</p>

<h2>The court site, TOPICs</h2>
<p><a href="/topics/BailPublic">Search the bail forms</a> as a visitor would, or open <a href="/topics-js/BailPublic">the variant that needs a browser</a> with its cookie and token.</p>
${table(["County", "Plays", "Step", "Forms now"], counties)}
<details><summary>All ${scenarios.length + 1} scenarios</summary>${table(["Scenario", "What happens"], [[code(DEMO_DAY), "New forms and amendments all the time, always up to this minute."], ...scenarios])}</details>

<h2>Phone look-up, Twilio Lookup v2</h2>
<p>Any number answers as a valid mobile, except by its last four digits.</p>
<details><summary>The ${numbers.length} numbers that answer otherwise</summary>${table(["Number", "Answer"], numbers)}</details>

<h2>E-mail check, Kickbox</h2>
<p>Any address is deliverable, except by its local part or <code>+tag</code>.</p>
<details><summary>The ${addresses.length} addresses with an answer of their own</summary>${table(["Address", "Answer"], addresses)}</details>

<h2>Mail and texts</h2>
<p>Look at <a href="/mail">what was mailed</a> and <a href="/texts">what was texted</a>. Nothing is sent to anybody.</p>

<h2>Name server</h2>
<p>Over UDP, on the port of this page. It knows the TXT records that it was told: to prove a domain of a firm in the demonstration, give it the record that the firm's
settings show. <code>sandbox/README.md</code> has the call.</p>

<h2>Services that a firm connects</h2>
<p>Book a consultation on <a href="/acuity/schedule/10001">the booking page</a>, look at <a href="/google/calendar">the calendars</a> and at <a href="/zoho/">the CRM</a>. A meeting has the page that its link leads to. Whole days, good and bad, can be played through <a href="/control/days"><code>/control/days</code></a>.</p>

<h2>For tests</h2>
<p>Scenarios, faults, rate limits, the request log and the answer sheet are under <a href="/control/"><code>/control/</code></a>; <code>sandbox/README.md</code> lists every call.</p>
</main>
</body></html>
`;
}

/** An outcome of a table in a few words. */
function inWords(outcome: object): string {
  const words: string[] = [];
  for (const [name, value] of Object.entries(outcome)) {
    if (name === "fault") words.push(`fault: ${(value as { kind: string }).kind}`);
    else if (name === "flags") words.push(Object.keys(value as object).join(", "));
    else if (name === "line") words.push(value === null ? "no line type" : String(value));
    else if (name === "packageError") words.push(`200 with error ${String(value)} in the package`);
    else if (name === "status") words.push(`HTTP ${String(value)}`);
    else if (typeof value === "string" || typeof value === "number")
      words.push(name === "sendex" ? `sendex ${value}` : String(value));
  }
  return words.join(" · ");
}
