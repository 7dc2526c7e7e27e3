import { findCounty } from "@/lib/core/county";
import { acuityActions } from "../acuity/control";
import { DayPlayer } from "../days/control";
import { DNS_ANSWERS, type DnsAnswer } from "../dns/zone";
import { googleActions } from "../google/control";
import { type Exchange, type Handler, readBody, replyJson } from "../http/exchange";
import { FAULT_KINDS, type Fault, type FaultKind } from "../http/faults";
import { isVendor, type SandboxParts, VENDORS, type Vendor } from "../parts";
import { SCENARIOS } from "../topics/scenarios";
import { DEMO_DAY } from "../topics/site";
import { zohoActions } from "../zoho/control";
import { zoomActions } from "../zoom/control";
import { BadCall, type Body, positive, text } from "./actions";

type Action = (call: { parts: SandboxParts; body: Body; url: URL }) => unknown;

const LOOPBACK = new Set(["127.0.0.1", "::1", "::ffff:127.0.0.1"]);

/** The control plane: what plays, what breaks, what was asked, what was served. For tests and people on this machine only. */
export function controlHandler(parts: SandboxParts): Handler {
  const days = new DayPlayer(parts);
  return async (exchange) => {
    const { req, res, url, path } = exchange;
    if (!isLocal(exchange)) return replyJson(res, 403, { problem: "The control plane answers only to this machine." });
    const name = `${req.method ?? "GET"} ${path}`;
    const action = days.actions[name] ?? findAction(req.method ?? "GET", path, parts);
    if (!action)
      return replyJson(res, 404, { problem: `There is no ${req.method} /control${path}. See sandbox/README.md.` });
    try {
      const body = req.method === "GET" ? {} : await readJson(exchange);
      replyJson(res, 200, await action({ parts, body, url }));
      if (name === "POST /reset") days.reset();
    } catch (problem) {
      if (!(problem instanceof BadCall)) throw problem;
      replyJson(res, 400, { problem: problem.message });
    }
  };
}

/** A page on the web could make a browser on this machine call us; its Host or its content type gives it away. */
function isLocal({ req }: Exchange): boolean {
  const host = (req.headers.host ?? "").replace(/:\d+$/, "");
  return LOOPBACK.has(req.socket.remoteAddress ?? "") && ["127.0.0.1", "localhost", "[::1]"].includes(host);
}

async function readJson({ req }: Exchange): Promise<Body> {
  const text = await readBody(req);
  if (text === "" && req.headers.origin === undefined) return {};
  if (!(req.headers["content-type"] ?? "").startsWith("application/json")) throw new BadCall("Send application/json.");
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as Body;
  } catch {
    // Falls through to the same words as a body of another shape.
  }
  throw new BadCall("The body must be a JSON object.");
}

function findAction(method: string, path: string, { worlds }: SandboxParts): Action | null {
  const fixed = ACTIONS[`${method} ${path}`] ?? serviceActions(worlds)[`${method} ${path}`];
  if (fixed) return fixed;
  const [, vendor, verb] = /^\/(\w+)\/(\w+)$/.exec(path) ?? [];
  if (!isVendor(vendor)) return null;
  const make = VENDOR_ACTIONS[`${method} ${verb}`];
  return make ? make(vendor) : null;
}

const ACTIONS: Record<string, Action> = {
  "GET /": ({ parts }) => status(parts),
  "GET /topics": ({ parts }) => status(parts),
  "GET /topics/scenarios": () => [
    { name: DEMO_DAY, description: "Follows the clock: new forms and amendments all the time.", steps: null },
    ...Object.entries(SCENARIOS).map(([name, { description, steps }]) => ({ name, description, steps: steps.length })),
  ],
  "POST /topics/scenario": ({ parts, body }) => {
    const name = text(body, "name");
    if (!parts.site.choose(county(body), name)) throw new BadCall(`There is no scenario ${name}.`);
    return status(parts);
  },
  "POST /topics/advance": ({ parts, body }) => {
    parts.site.advance(county(body), positive(body, "by") ?? 1);
    return status(parts);
  },
  "POST /topics/robots": ({ parts, body }) => {
    parts.robots.status = positive(body, "status") ?? 200;
    parts.robots.text = text(body, "text");
    return parts.robots;
  },
  "GET /topics/served": ({ parts, url }) => truth(parts, url, "served"),
  "GET /topics/held": ({ parts, url }) => truth(parts, url, "held"),
  "POST /kickbox/balance": ({ parts, body }) => {
    parts.balance.left = positive(body, "left") ?? 0;
    return parts.balance;
  },
  "GET /mail/messages": ({ parts }) => parts.boxes.mail.list(),
  "GET /texts/messages": ({ parts }) => parts.boxes.texts.list(),
  "GET /dns": ({ parts }) => parts.zone.list(),
  "POST /dns/records": ({ parts, body }) => {
    parts.zone.set(text(body, "name"), texts(body, "txt"));
    return parts.zone.list();
  },
  "POST /dns/answer": ({ parts, body }) => {
    const answer = text(body, "answer") as DnsAnswer;
    if (!DNS_ANSWERS.includes(answer)) throw new BadCall(`answer must be one of ${DNS_ANSWERS.join(", ")}.`);
    parts.zone.answer(answer, body.name === undefined ? undefined : text(body, "name"));
    return parts.zone.list();
  },
  "GET /requests": ({ parts, url }) => requests(parts, url, null),
  "POST /reset": ({ parts }) => {
    parts.reset();
    return status(parts);
  },
};

const VENDOR_ACTIONS: Record<string, (vendor: Vendor) => Action> = {
  "GET faults":
    (vendor) =>
    ({ parts }) =>
      parts.faults[vendor].list(),
  "POST faults":
    (vendor) =>
    ({ parts, body }) => {
      if (body.kind === "none") parts.faults[vendor].clear();
      else parts.faults[vendor].add(readFault(body));
      return parts.faults[vendor].list();
    },
  "POST rate":
    (vendor) =>
    ({ parts, body }) => {
      parts.rates[vendor].set(body.perSecond === null ? null : (positive(body, "perSecond") ?? null));
      return { perSecond: parts.rates[vendor].perSecond };
    },
  "GET requests":
    (vendor) =>
    ({ parts, url }) =>
      requests(parts, url, vendor),
};

/** What each connected service lets us turn, under its name. */
function serviceActions(worlds: SandboxParts["worlds"]): Record<string, Action> {
  const services = {
    acuity: acuityActions(worlds.acuity),
    google: googleActions(worlds.google),
    zoom: zoomActions(worlds.zoom),
    zoho: zohoActions(worlds.zoho),
  };
  return Object.fromEntries(
    Object.entries(services).flatMap(([service, actions]) =>
      Object.entries(actions).map(([name, action]) => [name.replace(" /", ` /${service}/`), action]),
    ),
  );
}

function status(parts: SandboxParts) {
  const { site, faults, rates, balance } = parts;
  return {
    now: site.now().toISOString(),
    counties: site.stages(),
    faults: Object.fromEntries(VENDORS.map((vendor) => [vendor, faults[vendor].list()])),
    rates: Object.fromEntries(VENDORS.map((vendor) => [vendor, rates[vendor].perSecond])),
    kickboxBalance: balance.left,
  };
}

function truth({ site }: SandboxParts, url: URL, which: "served" | "held") {
  const asked = url.searchParams.get("county");
  const found = asked === null ? null : findCounty(asked);
  if (asked !== null && !found) throw new BadCall(`${asked} is no county of Texas.`);
  const forms = site[which](found);
  return { county: found, at: site.now().toISOString(), count: forms.length, forms };
}

function requests({ log }: SandboxParts, url: URL, vendor: Vendor | null) {
  const limit = Number(url.searchParams.get("limit") ?? 200);
  if (!Number.isInteger(limit) || limit < 0) throw new BadCall("limit must be a whole number.");
  return {
    totals: vendor ? log.totals(vendor) : log.allTotals(),
    requests: limit === 0 ? [] : log.last(vendor, limit),
  };
}

function readFault(body: Body): Fault {
  if (!FAULT_KINDS.includes(body.kind as FaultKind))
    throw new BadCall(`kind must be one of ${FAULT_KINDS.join(", ")}, none.`);
  return {
    kind: body.kind as FaultKind,
    count: positive(body, "count") || undefined,
    retryAfterSeconds: positive(body, "retryAfterSeconds"),
    retryAfterAs: body.retryAfterAs === "date" ? "date" : "seconds",
    delayMs: positive(body, "delayMs"),
    path: body.path === undefined ? undefined : text(body, "path"),
  };
}

function county(body: Body): string {
  const found = findCounty(body.county === undefined ? "Travis" : text(body, "county"));
  if (!found) throw new BadCall(`${String(body.county)} is no county of Texas.`);
  return found;
}

function texts(body: Body, name: string): string[] {
  const value = body[name];
  if (!Array.isArray(value) || !value.every((each) => typeof each === "string"))
    throw new BadCall(`${name} must be a list of texts.`);
  return value;
}
