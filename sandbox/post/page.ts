import { escapeHtml } from "../http/html";
import type { PostedMessage } from "./box";

/** Addresses of the words become links: the one thing that a person does with an alert. */
const withLinks = (text: string): string =>
  escapeHtml(text).replaceAll(/https?:\/\/[^\s<>"]+[^\s<>".,]/g, (url) => `<a href="${url}">${url}</a>`);

/** Everything that was posted, newest first, for people who want to look. */
export function postPage(title: string, none: string, messages: readonly PostedMessage[]): string {
  const articles = messages.map(
    ({
      at,
      to,
      subject,
      text,
    }) => `<article><p class="to">To ${escapeHtml(to)}, <time datetime="${at}">${at.replace("T", " ").slice(0, 19)} UTC</time></p>
${subject === null ? "" : `<h2>${escapeHtml(subject)}</h2>\n`}<p class="words">${withLinks(text)}</p></article>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${title} (stand-in)</title>
<style>:root { color-scheme: light dark } body { font: 15px/1.55 system-ui, sans-serif; max-width: 720px; margin: 0 auto; padding: 24px 20px; background: light-dark(#fff, #111315); color: light-dark(#171c22, #e6e8ea) }
h1 { font-size: 26px; line-height: 32px; margin: 4px 0 10px } a { color: light-dark(#116080, #73c9e1); text-underline-offset: 3px } a:focus-visible { outline: 2px solid; outline-offset: 2px }
article { border-top: 1px solid light-dark(#d8dce0, #34383c); padding: 12px 0; margin-top: 12px } article + article { margin-top: 0 } h2 { font-size: 15px; margin: 4px 0 } p { margin: 4px 0; overflow-wrap: anywhere }
.words { white-space: pre-wrap } .to { color: light-dark(#5b6269, #a4a9ae); font-size: 13px }</style></head>
<body><main><p><a href="/">The sandbox</a></p>
<h1>${title} (stand-in)</h1><p>Nothing here was sent to anybody: it stays on this computer. Load the page again for what came since.</p>
${articles.join("\n") || `<p>${none}</p>`}</main></body></html>`;
}
