import { layout } from "./layout";

/**
 * The search page. A person can use it; a missing form also lands here, with status 200, as on the real site.
 * The rows are always fetched by script, so there is never a form on this page's own HTML.
 */
export const searchPage = (base: string, withToken: boolean): string =>
  layout(
    base,
    "Bail Search",
    `<h2>Bail Form Search</h2>
    <form id="search" class="search">
      <label>Name <input name="Name" autocomplete="off" /></label>
      <label>Cause Number <input name="CauseNumber" autocomplete="off" /></label>
      <label>Magistration Location <input name="MagistrationLocation" autocomplete="off" value="Travis" /></label>
      <label>Offense <input name="Offense" autocomplete="off" /></label>
      <button class="btn" type="submit">Search</button>
    </form>
    <p class="count" id="count" role="status"></p>
    <div class="scroll"><table class="table" id="bailForms" data-state="loading">
      <thead><tr><th>Name</th><th>Cause Number</th><th>Magistration Location</th><th>Offense</th><th>Bail Form</th></tr></thead>
      <tbody></tbody>
    </table></div>
    <noscript>This page needs JavaScript.</noscript>
    <script src="${base}/Scripts/${withToken ? "bail-token.js" : "bail.js"}" data-base="${base}"></script>`,
  );

const COMMON = `
const base = document.currentScript.dataset.base;
const form = document.getElementById("search");
const table = document.getElementById("bailForms");
for (const [key, value] of new URLSearchParams(location.search)) {
  const field = form.elements.namedItem(key);
  if (field) field.value = value;
}
async function search() {
  table.dataset.state = "loading";
  try {
    const answer = await fetch(base + "/BailPublic/GetAllBailForms", {
      method: "POST",
      headers: { "X-Requested-With": "XMLHttpRequest", ...(await extraHeaders()) },
      body: new URLSearchParams(new FormData(form)),
    });
    if (!answer.ok) throw new Error("The site answered " + answer.status);
    const { data } = await answer.json();
    table.tBodies[0].replaceChildren(...data.map((row) => {
      const line = document.createElement("tr");
      line.dataset.id = row[4];
      row.forEach((text, at) => {
        const cell = line.insertCell();
        if (at < 4) { cell.textContent = text; return; }
        const link = document.createElement("a");
        link.href = base + "/BailPublic/BailPublic/" + encodeURIComponent(text);
        link.textContent = "View " + text;
        cell.append(link);
      });
      return line;
    }));
    document.getElementById("count").textContent = data.length + " bail forms";
    table.dataset.state = "ready";
  } catch (problem) {
    document.getElementById("count").textContent = String(problem);
    table.dataset.state = "failed";
  }
}
form.addEventListener("submit", (event) => { event.preventDefault(); search(); });
search();
`;

/** The script of the plain site. */
export const SEARCH_SCRIPT = `const extraHeaders = async () => ({});\n${COMMON}`;

/** The script of the site that wants a session: it shakes hands first and carries the anti-forgery token of its cookie. */
export const TOKEN_SEARCH_SCRIPT = `
const token = () => (document.cookie.match(/(?:^|; )XSRF-TOKEN=([^;]+)/) || [])[1];
const extraHeaders = async () => {
  if (!token()) await fetch(base + "/BailPublic/Session", { method: "POST" });
  return { RequestVerificationToken: token() || "" };
};
${COMMON}`;
