/**
 * Whose host a request came to, from the text of its Host header alone. `host` is what we call it ourselves: lower case, without a trailing
 * dot, with the port of our own address, so nothing that a client wrote reaches a URL or a cookie.
 */
export type HostClass =
  | { kind: "apex"; host: string }
  | { kind: "firm"; slug: string; host: string }
  | { kind: "custom"; name: string; host: string }
  | { kind: "bad"; host: "" };

/** Names under our own domain that never belong to a firm. */
export const RESERVED_LABELS: ReadonlySet<string> = new Set(
  `www api app admin root hooks webhooks mail smtp imap pop mx ns ns1 ns2 dns ftp ssh vpn cdn assets static media files img images
  status health operator ops internal metrics monitor grafana auth login signin sso oauth id account accounts billing pay
  support help docs blog about legal security abuse postmaster hostmaster webmaster test dev staging demo preview beta
  arrestra localhost local autodiscover autoconfig`.split(/\s+/),
);

const BAD: HostClass = { kind: "bad", host: "" };
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
/** `xn--` and its kind: a name that a browser would show as something else. */
const ENCODED = /^..--/;
/** Name, then one optional root dot, then an optional port; anything else (space, slash, `@`, brackets, second Host) is no host. */
const SHAPE = /^([a-z0-9.-]{1,253}?)\.?(?::(\d{1,5}))?$/i;

/** True when a label may name a firm. */
export const isFirmLabel = (label: string): boolean =>
  LABEL.test(label) && !ENCODED.test(label) && !RESERVED_LABELS.has(label);

/** Sorts a Host header under the address that the product is served at (`APP_BASE_URL`). Pure; never throws. */
export function classifyHost(header: string | null | undefined, baseUrl: string): HostClass {
  const base = new URL(baseUrl);
  const match = SHAPE.exec(header ?? "");
  const name = match?.[1]?.toLowerCase() ?? "";
  if (!match || Number(match[2] ?? 1) > 65535 || match[2] === "0") return BAD;
  const host = base.port ? `${name}:${base.port}` : name;
  if (name === base.hostname) return { kind: "apex", host };
  const labels = name.split(".");
  if (!labels.every((label) => LABEL.test(label))) return BAD;
  if (name.endsWith(`.${base.hostname}`)) {
    const slug = name.slice(0, -base.hostname.length - 1);
    return isFirmLabel(slug) ? { kind: "firm", slug, host } : BAD;
  }
  // A firm's own domain has at least two labels and does not end in a number, which would make it an address.
  if (labels.length < 2 || /^\d+$/.test(labels.at(-1) ?? "")) return BAD;
  return { kind: "custom", name, host };
}

/** The origin that browsers send for a classified host: scheme of our own address, host as we call it. */
export const originOf = (host: string, baseUrl: string): string => `${new URL(baseUrl).protocol}//${host}`;

/** The address of a firm's subdomain, which it always has. */
export const firmOrigin = (slug: string, baseUrl: string): string =>
  originOf(`${slug}.${new URL(baseUrl).host}`, baseUrl);

/** Ends that no name server of the public internet answers for: nobody could prove such a name, or somebody could on their own network. */
const RESERVED_ENDS: ReadonlySet<string> = new Set(
  "localhost local internal intranet private corp home lan arpa onion test invalid".split(" "),
);
/** The label under which a domain's TXT record stands: `_arrestra.leads.smithlaw.com`. */
export const PROOF_LABEL = "_arrestra";

/**
 * The name of a domain of a firm's own as we keep it (lower case, no final dot), or what is wrong with it in words. Not an address, not ours, nor
 * anything above or below ours, and a name that the public internet can know.
 */
export function readOwnHost(typed: string, baseUrl: string): { name: string } | { problem: string } {
  const base = new URL(baseUrl).hostname;
  const site = /:/.test(typed) ? BAD : classifyHost(typed.trim(), baseUrl);
  const name = typed.trim().toLowerCase().replace(/\.$/, "");
  if (name === base || name.endsWith(`.${base}`) || base.endsWith(`.${name}`)) {
    return { problem: "is a name of ours: the firm has its own there already" };
  }
  if (site.kind !== "custom")
    return { problem: "must be a name such as leads.smithlaw.com, without https:// or a path" };
  const end = site.name.split(".").at(-1) ?? "";
  if (RESERVED_ENDS.has(end)) {
    return { problem: `must be a name of the public internet, which knows none under .${end}` };
  }
  // The record that proves it stands one label below, and a name has 253 letters at most.
  if (site.name.length > 253 - PROOF_LABEL.length - 1) return { problem: "is too long" };
  return { name: site.name };
}
