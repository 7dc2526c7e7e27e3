import { chapter, met, none } from "./requirement";

/** V1 Encoding and sanitization. */
export const ENCODING = chapter([
  [
    "1.1.1",
    2,
    "Decode input once, before checking it",
    met("http/request-guard.test.ts: gives a path that decodes, whatever came in", "http/body.test.ts: is 400 for %s"),
  ],
  [
    "1.1.2",
    2,
    "Encode output last, for its interpreter",
    met(
      "domain/export-leads.test.ts: gives RFC 4180 text with CRLF, a header and every lead of the filter in its order",
    ),
  ],
  [
    "1.2.1",
    1,
    "Output encoded for HTML and headers",
    met(
      "browser/list.test.ts: are text like any other: markup, formulas, broken letters and names of eighty letters",
      "http/problem.test.ts: says %s as RFC 9457 asks, with the status of the one table",
    ),
  ],
  [
    "1.2.2",
    1,
    "URLs built safely, safe protocols only",
    met(
      "auth/callback-url.test.ts: never leaves the origin, whatever is asked",
      "http/bad-input.test.ts: rejects a lead whose address cannot be stored, and keeps the others (%j)",
    ),
  ],
  [
    "1.2.3",
    1,
    "No injection into scripts or JSON",
    met("http/server.test.ts: gives each page a policy with a nonce of its own, which its scripts carry"),
  ],
  [
    "1.2.4",
    1,
    "Database questions take parameters",
    met(
      "architecture/doors.test.ts: never builds SQL from text that a caller could have written",
      "architecture/doors.test.ts: is used only by those on its list",
    ),
  ],
  ["1.2.5", 1, "No operating system command from input", none("The server starts no process and no shell.")],
  ["1.2.6", 2, "LDAP injection", none("No LDAP.")],
  ["1.2.7", 2, "XPath injection", none("No XPath.")],
  ["1.2.8", 2, "LaTeX injection", none("No LaTeX.")],
  [
    "1.2.9",
    2,
    "Input escaped in regular expressions",
    none("No expression is built from input; a search is a quoted LIKE."),
  ],
  [
    "1.2.10",
    3,
    "Formulas in exported spreadsheets",
    met(
      "domain/export-leads.test.ts: neutralises formulas and leaves phones and numbers whole",
      "audit/export-audit.db.test.ts: neutralises what a spreadsheet would run",
    ),
  ],
  ["1.3.1", 1, "HTML from editors is sanitised", none("No input is HTML; React shows text as text.")],
  [
    "1.3.2",
    1,
    "No code is evaluated",
    met("http/server.test.ts: gives each page a policy with a nonce of its own, which its scripts carry"),
  ],
  [
    "1.3.3",
    2,
    "Length and letters limited before dangerous use",
    met(
      "http/body.test.ts: is 422 and names every field",
      "core/facts.test.ts: refuses what Postgres could not store and nothing else that is well formed",
    ),
  ],
  ["1.3.4", 2, "SVG from users", none("No file and no SVG is taken from users.")],
  ["1.3.5", 2, "Markdown and style sheets from users", none("No markup is taken from users.")],
  [
    "1.3.6",
    2,
    "No request to where input says",
    met(
      "architecture/doors.test.ts: is used only by those on its list",
      "workers/http-client.test.ts: follows redirects only when asked, only so many, and never to another origin",
    ),
  ],
  ["1.3.7", 2, "Template injection", none("No template is made from input.")],
  ["1.3.8", 2, "JNDI injection", none("No JNDI.")],
  ["1.3.9", 2, "Memcache injection", none("No memcache.")],
  ["1.3.10", 2, "Format strings from input", none("No format string is made from input.")],
  ["1.3.11", 2, "Mail header injection", none("No mail is sent.")],
  [
    "1.3.12",
    3,
    "No runaway regular expression",
    met(
      "workers/parsers.property.test.ts: throws nothing but PageChanged, whatever the page",
      "core/password-rules.test.ts: is judged in less than half a second, whatever it is",
    ),
  ],
  ["1.4.1", 2, "Memory-safe strings", none("No unmanaged code of ours.")],
  ["1.4.2", 2, "No integer overflow", met("core/facts.test.ts: takes printed amounts and refuses everything else")],
  [
    "1.4.3",
    2,
    "Resources released",
    met("domain/export-leads.test.ts: ends the query when the reader leaves, and says that the export is incomplete"),
  ],
  ["1.5.1", 1, "XML parsers restricted", none("No XML is parsed.")],
  [
    "1.5.2",
    2,
    "Only expected types are read from input",
    met("http/bad-input.test.ts: refuses a field called __proto__ like any other that it does not know"),
  ],
]);
