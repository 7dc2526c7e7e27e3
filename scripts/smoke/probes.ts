import { randomBytes } from "node:crypto";
import type { Answer, Ask } from "./ask";

/** What a run is about. Only what begins with `key` and `operator` is secret. */
export type Target = {
  /** Our own address, `https://arrestra.example`. */
  base: URL;
  /** A firm that is there. */
  firm: string;
  /** Another firm that is there: where the key of the first must not work. */
  otherFirm?: string;
  /** A key of the firm with leads:read, for the two probes that need one. */
  key?: string;
  /** What /api/health has to name. */
  release?: string;
  /** The last migration of this checkout, and what opens /api/health/details. */
  migration?: string;
  operatorToken?: string;
};

export type Probe = {
  name: string;
  /** What to look at when it fails. */
  next: string;
  /** Why it is left out for this target; null when it is not. */
  leftOut?: (target: Target) => string | null;
  /** Throws with what was found instead. */
  run: (target: Target, ask: Ask) => Promise<void>;
};

const FORGED = "forged.invalid";
const onlyHttps = ({ base }: Target) => (base.protocol === "https:" ? null : "this address is not https");

const apex = ({ base }: Target, path: string) => `${base.origin}${path}`;
const hostOf = ({ base }: Target, label: string) => `${label}.${base.host}`;
const at = (target: Target, label: string, path: string) => `${target.base.protocol}//${hostOf(target, label)}${path}`;
const ofFirm = (target: Target, path: string) => at(target, target.firm, path);

function must(isSo: unknown, found: string): asserts isSo {
  if (!isSo) throw new Error(found);
}
const header = ({ headers }: Answer, name: string): string => [headers[name] ?? ""].flat().join(", ");
const mustBe = ({ status }: Answer, wanted: number[], what: string) =>
  must(wanted.includes(status), `${what} answered ${status}, not ${wanted.join(" or ")}`);

const ALWAYS: Record<string, RegExp> = {
  "x-content-type-options": /^nosniff$/,
  "x-frame-options": /^DENY$/,
  "referrer-policy": /^same-origin$/,
  "permissions-policy": /camera=\(\)/,
  "cross-origin-opener-policy": /^same-origin$/,
  "cross-origin-resource-policy": /^same-origin$/,
};

/** Every probe, in the order in which a person would look. */
export const PROBES: readonly Probe[] = [
  {
    name: "health",
    next: "Look at the log of the web tasks and at docs/runbooks/service-down.md; with another release, the rollout is not through or was rolled back.",
    run: async (target, ask) => {
      const reply = await ask(apex(target, "/api/health"));
      mustBe(reply, [200], "/api/health");
      const { status, release } = JSON.parse(reply.text) as { status?: string; release?: string };
      must(status === "ok", `/api/health says ${status}`);
      must(
        !target.release || release === target.release,
        `the release is ${release ?? "unnamed"}, not ${target.release}`,
      );
    },
  },
  {
    name: "migration",
    next: "Run the migration task of this release; docs/deploy.md says how.",
    leftOut: ({ operatorToken }) => (operatorToken ? null : "SMOKE_OPERATOR_TOKEN is not set"),
    run: async (target, ask) => {
      const reply = await ask(apex(target, "/api/health/details"), { authorization: `Bearer ${target.operatorToken}` });
      mustBe(reply, [200], "/api/health/details");
      const { migrations } = JSON.parse(reply.text) as { migrations: { last: string; unfinished: number } | null };
      must(migrations?.last === target.migration, `the last migration is ${migrations?.last}, not ${target.migration}`);
      must(migrations?.unfinished === 0, "a migration began and did not end");
    },
  },
  {
    name: "our own address",
    next: "Look at DNS and certificate of the domain itself, then at APP_BASE_URL of the web server.",
    run: async (target, ask) => mustBe(await ask(apex(target, "/")), [200], target.base.host),
  },
  {
    name: "the firm's address",
    next: "Look at the wildcard record and certificate, at APP_BASE_URL, and whether the firm is active (npm run firm).",
    run: async (target, ask) => mustBe(await ask(ofFirm(target, "/login")), [200], hostOf(target, target.firm)),
  },
  {
    name: "https redirect",
    next: "The edge serves plain HTTP: CloudFront's viewer protocol policy, or Amplify's redirects.",
    leftOut: onlyHttps,
    run: async (target, ask) => {
      const reply = await ask(`http://${hostOf(target, target.firm)}/login`);
      mustBe(reply, [301, 302, 307, 308], "plain http");
      const to = header(reply, "location");
      must(to.startsWith(ofFirm(target, "/login")), `plain http leads to ${to || "nowhere"}`);
    },
  },
  {
    name: "strict transport security",
    next: "The header is set in next.config.js: something in front takes it away.",
    leftOut: onlyHttps,
    run: async (target, ask) => {
      for (const path of ["/login", "/api/leads"]) {
        const value = header(await ask(ofFirm(target, path)), "strict-transport-security");
        must(
          Number(/max-age=(\d+)/.exec(value)?.[1]) >= 31_536_000 && value.includes("includeSubDomains"),
          `${path} says "${value}"`,
        );
      }
    },
  },
  {
    name: "security headers",
    next: "They are set in lib/http and middleware.ts: a header policy of the edge takes them away, or the middleware does not run.",
    run: async (target, ask) => {
      for (const path of ["/login", "/api/leads", "/no/such/page"]) {
        const reply = await ask(ofFirm(target, path));
        for (const [name, wanted] of Object.entries(ALWAYS))
          must(wanted.test(header(reply, name)), `${path} says ${name}: "${header(reply, name)}"`);
        must(!header(reply, "x-powered-by"), `${path} says x-powered-by`);
      }
    },
  },
  {
    name: "content security policy",
    next: "Pages come from a cache, or the middleware does not run: look at the cache policy of the edge and at middleware.ts.",
    run: async (target, ask) => {
      const nonces: string[] = [];
      for (let i = 0; i < 2; i++) {
        const policy = header(await ask(ofFirm(target, "/login")), "content-security-policy");
        const scripts = /script-src ([^;]*)/.exec(policy)?.[1] ?? "";
        const nonce = /'nonce-([^']{16,})'/.exec(scripts)?.[1];
        must(nonce, `the policy has no nonce for scripts: "${policy}"`);
        must(!/'unsafe-(inline|eval)'/.test(scripts), `the policy lets any script run: "${scripts}"`);
        nonces.push(nonce);
      }
      must(nonces[0] !== nonces[1], "two pages had the same nonce");
    },
  },
  {
    name: "nothing is kept",
    next: "The cache policy of the edge keeps what is a firm's own: it must follow Cache-Control, with the host in its key.",
    run: async (target, ask) => {
      for (const path of ["/login", "/leads", "/api/leads"]) {
        const reply = await ask(ofFirm(target, path));
        const value = header(reply, "cache-control");
        must(value.includes("private") && value.includes("no-store"), `${path} says cache-control: "${value}"`);
        must(!/\bhit\b/i.test(header(reply, "x-cache")), `${path} came from a cache`);
      }
    },
  },
  {
    name: "the API refuses strangers",
    next: "Take the release back at once: whoever asks gets leads. Then look at lib/http/with-caller.ts.",
    run: async (target, ask) => {
      const reply = await ask(ofFirm(target, "/api/leads"));
      mustBe(reply, [401], "/api/leads without a key");
      must(header(reply, "content-type").includes("application/problem+json"), "the refusal is not ours");
    },
  },
  {
    name: "pages refuse strangers",
    next: "Take the release back at once: whoever asks sees leads. Then look at middleware.ts and the gates of app/(firm).",
    run: async (target, ask) => {
      const reply = await ask(ofFirm(target, "/leads"));
      mustBe(reply, [302, 303, 307], "/leads without a session");
      must(
        new URL(header(reply, "location"), ofFirm(target, "/leads")).pathname === "/login",
        `it leads to ${header(reply, "location")}`,
      );
    },
  },
  {
    name: "unknown hosts are refused",
    next: "A host that is nobody's gets an answer: look at TRUSTED_HOST_HEADER and at what the edge sends as Host.",
    run: async (target, ask) => {
      const label = `nobody-${randomBytes(6).toString("hex")}`;
      for (const path of ["/login", "/leads"]) {
        const reply = await ask(at(target, label, path));
        mustBe(reply, [404], `${label} ${path}`);
        must(!reply.text.includes(target.firm), "it names the firm");
      }
    },
  },
  {
    name: "forged hosts change nothing",
    next: "A client chooses the host: look at TRUSTED_HOST_HEADER, middleware.ts, and which headers the edge passes on.",
    run: async (target, ask) => {
      const headers = {
        "x-forwarded-host": FORGED,
        "x-forwarded-proto": "http",
        forwarded: `host=${FORGED};proto=http`,
      };
      for (const [path, wanted] of [
        ["/login", 200],
        ["/leads", 307],
        ["/api/leads", 401],
        ["/api/auth/csrf", 200],
      ] as const) {
        const reply = await ask(ofFirm(target, path), headers);
        mustBe(reply, [wanted], `${path} with a forged host`);
        must(!(JSON.stringify(reply.headers) + reply.text).includes(FORGED), `${path} says the forged host`);
      }
    },
  },
  {
    name: "cookies",
    next: "The server believes that it is not on https, or something in front rewrites cookies: look at APP_BASE_URL.",
    run: async (target, ask) => {
      const { setCookies } = await ask(ofFirm(target, "/api/auth/csrf"));
      must(setCookies.length > 0, "/api/auth/csrf sets none");
      for (const cookie of setCookies) {
        must(
          /;\s*HttpOnly/i.test(cookie) && /;\s*SameSite=(Lax|Strict)/i.test(cookie),
          `scripts or other sites may use it: ${nameOf(cookie)}`,
        );
        must(!/;\s*Domain=/i.test(cookie), `every firm's host gets it: ${nameOf(cookie)}`);
        if (target.base.protocol === "https:")
          must(
            /^__(Host|Secure)-/.test(cookie) && /;\s*Secure/i.test(cookie),
            `it goes over plain http: ${nameOf(cookie)}`,
          );
      }
    },
  },
  {
    name: "no sandbox",
    next: "The stand-ins of a demonstration answer for real services: SANDBOX_URL and the *_BASE_URL settings must not be set.",
    run: async (target, ask) => {
      for (const url of [apex(target, "/"), ofFirm(target, "/login")])
        must(!/sandbox/i.test((await ask(url)).text), `${url} speaks of the sandbox`);
    },
  },
  {
    name: "a key works on its own host alone",
    next: "Take the release back at once if another firm's host took the key; if its own did not, look whether the key is active and has leads:read.",
    leftOut: ({ key, otherFirm }) => (key && otherFirm ? null : "SMOKE_API_KEY or --other-firm is not given"),
    run: async (target, ask) => {
      const headers = { "x-api-key": target.key ?? "" };
      mustBe(await ask(ofFirm(target, "/api/leads"), headers), [200], "the firm's host");
      mustBe(await ask(at(target, target.otherFirm ?? "", "/api/leads"), headers), [401, 403], "another firm's host");
    },
  },
];

const nameOf = (cookie: string): string => cookie.split("=", 1)[0] ?? "";
