import { escapeHtml } from "../http/html";

/** An account that can be chosen at the stand-in. */
export type OAuthAccount = { id: string; label: string };

type Consent = {
  /** What the service is called. */
  name: string;
  action: string;
  accounts: readonly OAuthAccount[];
  scopes: readonly string[];
  /** What was asked with, sent along again. */
  asked: URLSearchParams;
};

const STYLE = `
:root { color-scheme: light dark; --canvas: light-dark(#fff, #111315); --line: light-dark(#e1e4e7, #2c3034); --ink: light-dark(#171c22, #e6e8ea);
  --ink-2: light-dark(#484e55, #b2b6bb); --accent: light-dark(#116080, #73c9e1); --on-accent: light-dark(#fff, #111315) }
* { box-sizing: border-box }
body { margin: 0; background: var(--canvas); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", sans-serif }
main { max-width: 460px; margin: 0 auto; padding: 40px 20px 64px }
h1 { font-size: 22px; line-height: 28px; margin: 0 0 16px } p { margin: 0 0 12px; color: var(--ink-2) }
fieldset { border: 1px solid var(--line); border-radius: 6px; margin: 0 0 16px; padding: 8px 14px 12px } legend { padding: 0 6px; font-weight: 600 }
label { display: block; padding: 4px 0 } li { overflow-wrap: anywhere } ul { margin: 4px 0; padding-left: 20px }
button { font: inherit; padding: 8px 18px; border-radius: 6px; border: 1px solid var(--line); background: transparent; color: inherit; margin-right: 8px }
button[value=allow] { background: var(--accent); color: var(--on-accent); border-color: transparent }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
`;

const page = (title: string, main: string): string => `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${escapeHtml(title)}</title>
<style>${STYLE}</style></head><body><main>${main}</main></body></html>`;

/** The page on which a person says yes or no. A plain form: it works in a browser and for a program. */
export function consentPage({ name, action, accounts, scopes, asked }: Consent): string {
  const hidden = [...asked].map(
    ([key, value]) => `<input type="hidden" name="${escapeHtml(key)}" value="${escapeHtml(value)}">`,
  );
  const choices = accounts.map(
    ({ id, label }, index) =>
      `<label><input type="radio" name="account" value="${escapeHtml(id)}"${index === 0 ? " checked" : ""}> ${escapeHtml(label)}</label>`,
  );
  return page(
    `Sign in to ${name} (stand-in)`,
    `<h1>Arrestra wants access to your ${escapeHtml(name)} account</h1>
<p>This page is a stand-in for ${escapeHtml(name)}. No account of yours is involved.</p>
<form method="post" action="${escapeHtml(action)}">${hidden.join("")}
<fieldset><legend>Account</legend>${choices.join("\n")}</fieldset>
<fieldset><legend>What it may do</legend><ul>${scopes.map((scope) => `<li>${escapeHtml(scope)}</li>`).join("")}</ul></fieldset>
<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button>
</form>`,
  );
}

/** What a person sees when the request is one that the service does not even send back. */
export const refusalPage = (name: string, problem: string): string =>
  page(`${name}: error`, `<h1>Something is wrong with this request</h1><p>${escapeHtml(problem)}</p>`);
