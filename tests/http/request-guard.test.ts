import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import { expect, it } from "vitest";
import { addressBehind, decodable, guardRequests } from "@/lib/http/request-guard";

it("leaves an address alone that decodes", () => {
  for (const url of ["/", "/api/leads?q=%ff&cursor=a%20b", "/leads/%C3%A9", "/a?b?c", "/a//b"])
    expect(decodable(url)).toBe(url);
});

it("takes an address that names a host, or none, for its path", () => {
  expect(decodable("http://evil.example/login?a=//b")).toBe("/login?a=//b");
  expect(decodable("http://evil.example")).toBe("/");
  expect(decodable("http://evil.example?q=1")).toBe("/?q=1");
  expect(decodable("*")).toBe("/");
  expect(decodable("http://a.example//evil.example/")).toBe("/evil.example/");
});

it("gives a path that decodes, whatever came in", () => {
  fc.assert(
    fc.property(fc.string(), (path) => {
      const [made = ""] = decodable(`/${path}`).split("?");
      expect(() => decodeURIComponent(made)).not.toThrow();
      expect(made.startsWith("//")).toBe(false);
    }),
  );
  expect(decodable("/api/leads/%E0%A4%A?x=%")).toBe("/api/leads/%25E0%25A4%25A?x=%");
});

// Seen red without: isIP.
it("takes a client's address from the entry that our first proxy wrote, else from the socket", () => {
  const sent = "6.6.6.6, 203.0.113.7, 198.51.100.2";
  expect(addressBehind(0, sent, "192.0.2.1")).toBe("192.0.2.1");
  expect(addressBehind(1, sent, "192.0.2.1")).toBe("198.51.100.2");
  expect(addressBehind(2, sent, "192.0.2.1")).toBe("203.0.113.7");
  expect(addressBehind(2, ["6.6.6.6", "2001:db8::7, 10.0.0.1"], "192.0.2.1")).toBe("2001:db8::7");
  for (const missing of [undefined, "", "198.51.100.2", "me, 198.51.100.2", ", 198.51.100.2"])
    expect(addressBehind(2, missing, "192.0.2.1")).toBe("192.0.2.1");
  expect(addressBehind(0, sent, undefined)).toBe("unknown");
});

// Seen red without: the line of guardRequests that writes it over the header.
it("writes the socket's address over what a client sends, before anything reads it", async () => {
  guardRequests();
  const server = createServer((request, response) => response.end(request.headers["x-forwarded-for"]));
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  try {
    for (const headers of [new Headers(), new Headers({ "x-forwarded-for": "6.6.6.6" })])
      expect(await (await fetch(`http://127.0.0.1:${port}`, { headers })).text()).toBe("127.0.0.1");
  } finally {
    server.close();
  }
});
