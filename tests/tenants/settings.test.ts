import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

async function read(settings: Record<string, string>) {
  vi.resetModules();
  const ours = {
    TWILIO_BASE_URL: "",
    KICKBOX_BASE_URL: "",
    TOPICS_BASE_URL: "",
    SANDBOX_URL: "",
    DNS_SERVERS: "",
    OPERATOR_TOTP_SECRET: "",
  };
  for (const [name, value] of Object.entries({ ...ours, ...settings })) vi.stubEnv(name, value);
  return (await import("@/lib/platform/env")).env();
}

it.each(["9.9.9.9:53", "9.9.9.9:53,[2620:fe::fe]:53", "10.0.0.2:5353"])(
  "takes the name servers %s",
  async (servers) => {
    expect((await read({ ARRESTRA_ENV: "production", DNS_SERVERS: servers })).DNS_SERVERS).toBe(servers);
  },
);

it.each([
  "127.0.0.1:53",
  "9.9.9.9:53,127.8.8.8:53",
  "[::1]:53",
  "[0:0:0:0:0:0:0:1]:53",
  "[::ffff:127.0.0.1]:53",
  "0.0.0.0:53",
  "[::]:53",
])("refuses name servers on this machine in production: %s", async (servers) => {
  // Seen red without: the question for loopback addresses in env.ts.
  await expect(read({ ARRESTRA_ENV: "production", DNS_SERVERS: servers })).rejects.toThrow(
    "DNS_SERVERS: must not be a loopback",
  );
  expect((await read({ ARRESTRA_ENV: "test", DNS_SERVERS: servers })).DNS_SERVERS).toBe(servers);
});

it.each(["9.9.9.9", "ns.example:53", "9.9.9.9:0", "9.9.9.9:70000", "2620:fe::fe:53", "9.9.9.9:53,", "9.9.9.999:53"])(
  "says that %s is no list of name servers",
  async (servers) => {
    await expect(read({ DNS_SERVERS: servers })).rejects.toThrow("DNS_SERVERS: must be address:port");
  },
);

it("takes an authenticator of twenty bytes or more, in base32", async () => {
  const secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  expect((await read({ OPERATOR_TOTP_SECRET: secret })).OPERATOR_TOTP_SECRET).toBe(secret);
  for (const bad of [secret.slice(1), secret.toLowerCase(), `${secret}1`])
    await expect(read({ OPERATOR_TOTP_SECRET: bad })).rejects.toThrow("OPERATOR_TOTP_SECRET");
});
