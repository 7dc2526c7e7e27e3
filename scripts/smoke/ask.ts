import http from "node:http";
import https from "node:https";

/** What came back: one request, no redirect followed. */
export type Answer = { status: number; headers: http.IncomingHttpHeaders; setCookies: string[]; text: string };
export type Ask = (url: string, headers?: Record<string, string>) => Promise<Answer>;

const DEADLINE_MS = 15_000;

/** Sends a GET as written. `*.localhost` is this machine, which Node alone does not know. */
export const askOverNetwork: Ask = (url, headers = {}) => {
  const target = new URL(url);
  const { hostname, port, pathname, search, protocol } = target;
  const host = /(^|\.)localhost$/.test(hostname) ? "127.0.0.1" : hostname;
  const path = pathname + search;
  const options = {
    host,
    port,
    path,
    servername: hostname,
    headers: { host: target.host, ...headers },
    timeout: DEADLINE_MS,
  };
  return new Promise((resolve, reject) => {
    const sent = (protocol === "https:" ? https : http).get({ ...options, agent: false, setHost: false }, (reply) => {
      const chunks: Buffer[] = [];
      reply.on("data", (chunk: Buffer) => chunks.push(chunk));
      reply.once("error", reject);
      reply.once("end", () => {
        const { statusCode: status = 0, headers: replied } = reply;
        resolve({
          status,
          headers: replied,
          setCookies: replied["set-cookie"] ?? [],
          text: Buffer.concat(chunks).toString("utf8"),
        });
      });
    });
    sent.once("timeout", () => sent.destroy(new Error(`no answer within ${DEADLINE_MS / 1000} s`)));
    sent.once("error", reject);
  });
};
