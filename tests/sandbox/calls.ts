import { request } from "node:http";

export type Reply = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

type Call = { method?: string; headers?: Record<string, string>; body?: string };

/** One request as it is: no redirect followed, nothing retried, a cut body is an error. */
export function call(url: string, { method = "GET", headers = {}, body }: Call = {}): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (res) => {
      const chunks: Buffer[] = [];
      res.on("data", (chunk: Buffer) => chunks.push(chunk));
      res.on("error", reject);
      res.on("end", () =>
        resolve({ status: res.statusCode ?? 0, headers: res.headers, body: Buffer.concat(chunks).toString("utf8") }),
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/** A call of the control plane; its answer, or an error with its words. */
export async function control<T = unknown>(sandboxUrl: string, path: string, body?: unknown): Promise<T> {
  const reply = await call(`${sandboxUrl}/control${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { "Content-Type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (reply.status !== 200) throw new Error(`${reply.status} ${reply.body}`);
  return JSON.parse(reply.body) as T;
}

/** The list request of the TOPICs site, as its own page sends it. */
export const postList = (siteUrl: string, filter: Record<string, string>, headers: Record<string, string> = {}) =>
  call(`${siteUrl}/BailPublic/GetAllBailForms`, {
    method: "POST",
    headers: {
      "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
      "X-Requested-With": "XMLHttpRequest",
      ...headers,
    },
    body: new URLSearchParams({
      Name: "",
      CauseNumber: "",
      MagistrationLocation: "",
      Offense: "",
      ...filter,
    }).toString(),
  });

export async function listRows(siteUrl: string, location: string): Promise<string[][]> {
  const { body } = await postList(siteUrl, { MagistrationLocation: location });
  return (JSON.parse(body) as { data: string[][] }).data;
}

export const detail = (siteUrl: string, id: string) => call(`${siteUrl}/BailPublic/BailPublic/${id}`);

const ENTITIES: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', "#39": "'" };

/** What a browser would show of a piece of the page: tags out, entities read once. */
const shown = (html: string): string =>
  html
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/&(#x([0-9A-F]+)|[a-z]+|#39);/g, (_, name: string, hex?: string) =>
      hex ? String.fromCodePoint(Number.parseInt(hex, 16)) : (ENTITIES[name] ?? `?${name}`),
    )
    .replaceAll(/\s+/g, " ")
    .trim();

export type SeenForm = { fields: Record<string, string>; titles: string[]; offenses: string[][]; conditions: string };

/** A bail form page, read by its landmarks. */
export function readForm(html: string): SeenForm {
  const fields: Record<string, string> = {};
  for (const [, label = "", value = ""] of html.matchAll(/<th class="po-d">([^<]*)<\/th>\s*<td>([\s\S]*?)<\/td>/g)) {
    fields[label.replace(/\s*:\s*$/, "")] = shown(value);
  }
  const blocks = html.split('<div class="po-bottom">').slice(1);
  const cells = (block: string) =>
    [...block.matchAll(/<div class="col-md-3">([\s\S]*?)<\/div>/g)].map(([, cell = ""]) => shown(cell));
  return {
    fields,
    titles: cells(blocks[0] ?? ""),
    offenses: blocks.slice(1, -1).map(cells),
    conditions: shown(/<h5>([\s\S]*?)<\/h5>/.exec(blocks.at(-1) ?? "")?.[1] ?? ""),
  };
}
