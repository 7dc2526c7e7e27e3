import http from "node:http";
import type { AddressInfo } from "node:net";

/** Asks the proxy to cut this request: `reply` when the server has answered it, `work` as soon as the server has it. */
export const CUT = "x-fault-cut";

/** Stands between a client and the web server, and loses replies on demand: the client sees its connection reset, the server saw nothing wrong. */
export async function startCuttingProxy(target: string) {
  const agent = new http.Agent({ keepAlive: true });
  const { port } = new URL(target);
  const lost = { reply: 0, work: 0 };
  const server = http.createServer((incoming, outgoing) => {
    const { [CUT]: cut, ...headers } = incoming.headers;
    const onward = http.request(
      { agent, host: "127.0.0.1", port, method: incoming.method, path: incoming.url, headers },
      (reply) => {
        if (cut) {
          reply.resume();
          reply.once("end", () => incoming.socket.resetAndDestroy());
          if (cut === "reply") lost.reply++;
          return;
        }
        outgoing.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(outgoing);
      },
    );
    onward.once("error", () => incoming.socket.destroy());
    onward.once("finish", () => {
      if (cut !== "work") return;
      lost.work++;
      incoming.socket.resetAndDestroy();
    });
    incoming.pipe(onward);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}`,
    lost,
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}
