import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

type RouteOf = (request: Request) => Promise<Response>;

/** Serves one route over real HTTP on a free port, for processes under test that speak to the web server. */
export async function serveRoute(route: RouteOf): Promise<{ url: string; close: () => Promise<void> }> {
  const server = http.createServer((incoming, outgoing) => {
    void answer(route, incoming, outgoing);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(route: RouteOf, incoming: http.IncomingMessage, outgoing: http.ServerResponse): Promise<void> {
  const { method = "GET", url = "/", headers } = incoming;
  const body = method === "GET" ? undefined : new Uint8Array(await buffer(incoming));
  const request = new Request(new URL(url, `http://${headers.host}`), {
    method,
    headers: Object.entries(headers).flatMap(([name, value]) =>
      [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
    ...(body ? { body } : {}),
  });
  const response = await route(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}
