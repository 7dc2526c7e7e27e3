import { chapter, met, none, open } from "./requirement";

/** V4 API and web service, V5 File handling. */
export const API_AND_FILES = chapter([
  [
    "4.1.1",
    1,
    "Content type and charset on every reply",
    met("http/problem.test.ts: says %s as RFC 9457 asks, with the status of the one table"),
  ],
  [
    "4.1.2",
    2,
    "No silent redirect from http for programs",
    open("TLS ends at the edge in front of the server, which comes with the deployment."),
  ],
  [
    "4.1.3",
    2,
    "Headers of the edge cannot be forged",
    met(
      "isolation/raw-hosts.http.test.ts: is the one of the Host header, whatever else names another",
      "http/credentials.test.ts: believes no header but Host about where a request came in",
    ),
  ],
  [
    "4.2.1",
    2,
    "One reading of where a message ends",
    met(
      "isolation/raw-messages.http.test.ts: is one request or none",
      "http/body.test.ts: is 400 when the client stops in the middle, and keeps nothing",
    ),
  ],
  ["4.3.1", 2, "GraphQL cost", none("No GraphQL.")],
  ["4.3.2", 2, "GraphQL introspection", none("No GraphQL.")],
  ["4.4.1", 1, "WebSocket over TLS", none("No WebSocket.")],
  ["4.4.2", 2, "Origin of a WebSocket", none("No WebSocket.")],
  ["4.4.3", 2, "Tokens of a WebSocket", none("No WebSocket.")],
  ["4.4.4", 2, "WebSocket tokens by the session", none("No WebSocket.")],
  ["5.1.1", 2, "Documented uploads", none("No upload.")],
  [
    "5.2.1",
    1,
    "Files of a size that can be handled",
    met("http/body.test.ts: is 413 as soon as it streams past the cap, and the rest is not taken"),
  ],
  ["5.2.2", 1, "Files are what they say", none("No upload.")],
  [
    "5.2.3",
    2,
    "Compressed files are measured first",
    met("http/body.test.ts: is 400 for a compressed one: its size is a promise that nobody keeps"),
  ],
  ["5.3.1", 1, "Uploaded files are not run", none("No upload.")],
  ["5.3.2", 1, "Paths are made by us", none("No path is made from input.")],
  [
    "5.4.1",
    2,
    "Names of downloads are ours",
    met("audit/audit-routes.db.test.ts: is a file under the firm's own date, with the filter of the page"),
  ],
  [
    "5.4.2",
    2,
    "Names of downloads are encoded",
    met("audit/audit-routes.db.test.ts: is a file under the firm's own date, with the filter of the page"),
  ],
  ["5.4.3", 2, "Files of strangers are scanned", none("No upload.")],
]);
