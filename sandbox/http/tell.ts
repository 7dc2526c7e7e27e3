import { request } from "node:http";

/** True for a name of this machine: a stand-in that sent people or messages anywhere else would be a weapon. */
export const isThisMachine = ({ hostname }: URL): boolean =>
  /^(localhost|127\.0\.0\.1|\[::1\]|.+\.localhost)$/.test(hostname);

/** What came back; no status when nothing did. */
export type Told = { status: number | null; text: string };

type Message = { headers: Record<string, string>; body?: string; timeoutMs: number };

/** Posts to an address of this machine, as a service tells somebody of something. It never fails, and nothing goes anywhere else. */
export function tell(address: string, { headers, body = "", timeoutMs }: Message): Promise<Told> {
  const nothing = { status: null, text: "" };
  const url = URL.parse(address);
  if (url?.protocol !== "http:" || !isThisMachine(url)) return Promise.resolve(nothing);
  return new Promise((resolve) => {
    const asked = request(
      {
        // `.localhost` is this machine, whatever the resolver says.
        host: url.hostname.endsWith(".localhost") ? "127.0.0.1" : url.hostname.replaceAll(/[[\]]/g, ""),
        port: url.port || 80,
        path: `${url.pathname}${url.search}`,
        method: "POST",
        headers: { host: url.host, ...headers, "content-length": Buffer.byteLength(body) },
        timeout: timeoutMs,
        agent: false,
      },
      (reply) => {
        const chunks: Buffer[] = [];
        reply.on("data", (chunk: Buffer) => chunks.push(chunk));
        reply.once("error", () => resolve(nothing));
        reply.once("end", () =>
          resolve({ status: reply.statusCode ?? null, text: Buffer.concat(chunks).toString("utf8") }),
        );
      },
    );
    asked.once("timeout", () => asked.destroy());
    asked.once("error", () => resolve(nothing));
    asked.end(body);
  });
}
