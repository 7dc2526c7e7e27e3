import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { classifyHost, isFirmLabel, originOf, RESERVED_LABELS } from "@/lib/core/host";

const BASE = "https://arrestra.com";
const LOCAL = "http://localhost:3000";
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?$/).filter(isFirmLabel);

describe("classifyHost", () => {
  it("knows our own address, a firm's and a firm's own domain", () => {
    expect(classifyHost("arrestra.com", BASE)).toEqual({ kind: "apex", host: "arrestra.com" });
    expect(classifyHost("smithlaw.arrestra.com", BASE)).toEqual({
      kind: "firm",
      slug: "smithlaw",
      host: "smithlaw.arrestra.com",
    });
    expect(classifyHost("leads.smith.example", BASE)).toEqual({
      kind: "custom",
      name: "leads.smith.example",
      host: "leads.smith.example",
    });
    expect(classifyHost("smithlaw.localhost:3000", LOCAL)).toMatchObject({
      slug: "smithlaw",
      host: "smithlaw.localhost:3000",
    });
  });

  it("ignores case, one trailing dot and the port, and gives back our own port", () => {
    expect(classifyHost("SmithLaw.Arrestra.COM.:443", BASE)).toMatchObject({
      kind: "firm",
      host: "smithlaw.arrestra.com",
    });
    expect(classifyHost("smithlaw.localhost.:9", LOCAL)).toMatchObject({ host: "smithlaw.localhost:3000" });
    expect(originOf("smithlaw.localhost:3000", LOCAL)).toBe("http://smithlaw.localhost:3000");
  });

  it.each([...RESERVED_LABELS])("never takes the reserved label %s for a firm", (name) => {
    expect(classifyHost(`${name}.arrestra.com`, BASE).kind).toBe("bad");
  });

  it.each([
    "",
    " ",
    ".",
    "..",
    "-",
    "arrestra.com..",
    ".arrestra.com",
    "a.b.arrestra.com",
    "-a.arrestra.com",
    "a-.arrestra.com",
    "a_b.arrestra.com",
    "xn--80ak6aa92e.arrestra.com",
    `${"a".repeat(64)}.arrestra.com`,
    "smithlaw.arrestra.com:",
    "arrestra.com:0",
    "arrestra.com:65536",
    "arrestra.com:123456",
    "arrestra.com:80:80",
    "user@arrestra.com",
    "arrestra.com/evil",
    "arrestra.com\\evil",
    "arrestra.com#evil",
    "arrestra.com?x",
    "smithlaw.arrestra.com, evil.example",
    "smithlaw .arrestra.com",
    "smithlaw.arrestra.com\r\nx: y",
    "smithlaw.arrestra.com\t",
    "smith\u0000law.arrestra.com",
    "smithläw.arrestra.com",
    "ſmithlaw.arrestra.com",
    "\u212aline.arrestra.com",
    "127.0.0.1",
    "10.0.0.1:3000",
    "[::1]",
    "[::1]:3000",
    "localhost",
    "intranet",
    "smithlaw%2earrestra.com",
    "*.arrestra.com",
  ])("refuses %j", (host) => {
    expect(classifyHost(host, BASE)).toEqual({ kind: "bad", host: "" });
  });

  it("refuses a missing header", () => {
    expect(classifyHost(null, BASE).kind).toBe("bad");
    expect(classifyHost(undefined, BASE).kind).toBe("bad");
  });

  it("takes a domain that merely ends in our name for a foreign one", () => {
    expect(classifyHost("evilarrestra.com", BASE).kind).toBe("custom");
    expect(classifyHost("arrestra.com.evil.example", BASE).kind).toBe("custom");
  });

  it("never throws, and whatever it accepts is a plain lower-case host", () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.webAuthority({ withUserInfo: true, withPort: true })),
        (text) => {
          const site = classifyHost(text, BASE);
          if (site.kind === "bad") return;
          expect(site.host).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)*$/);
          expect(classifyHost(site.host, BASE)).toEqual(site);
        },
      ),
    );
  });

  it("finds exactly the slug of every firm, however its host is written", () => {
    fc.assert(
      fc.property(
        label,
        fc.boolean(),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 65535 })),
        (slug, upper, dot, port) => {
          const name = `${slug}.arrestra.com${dot ? "." : ""}${port ? `:${port}` : ""}`;
          expect(classifyHost(upper ? name.toUpperCase() : name, BASE)).toMatchObject({ kind: "firm", slug });
        },
      ),
    );
  });

  it("takes no name of two labels under our own for a firm", () => {
    fc.assert(
      fc.property(label, label, (a, b) => {
        expect(classifyHost(`${a}.${b}.arrestra.com`, BASE).kind).toBe("bad");
      }),
    );
  });
});
