import fc from "fast-check";
import { expect, it } from "vitest";
import { decodable } from "@/lib/http/request-guard";

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
