import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { KICKBOX_OUTCOMES } from "@/sandbox/kickbox/outcomes";
import { type Sandbox, startSandbox } from "@/sandbox/server";
import { TWILIO_OUTCOMES } from "@/sandbox/twilio/outcomes";
import { call, control } from "./calls";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ env: "test" });
});
afterAll(() => sandbox.close());
beforeEach(() => sandbox.reset());

const basic = (user: string, secret: string) => ({
  Authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString("base64")}`,
});

async function lookup(
  number: string,
  query = "?Fields=line_type_intelligence",
  headers: Record<string, string> = basic("SKany", "secret"),
) {
  const reply = await call(`${sandbox.twilio.url}/v2/PhoneNumbers/${encodeURIComponent(number)}${query}`, { headers });
  return { status: reply.status, headers: reply.headers, body: JSON.parse(reply.body) as Record<string, unknown> };
}

describe("the Twilio stand-in", () => {
  it("answers a mobile in the shape of Lookup v2, with null for what was not asked", async () => {
    const { status, body } = await lookup("+15125550100");
    expect(status).toBe(200);
    expect(body).toEqual({
      calling_country_code: "1",
      country_code: "US",
      phone_number: "+15125550100",
      national_format: "(512) 555-0100",
      valid: true,
      validation_errors: null,
      caller_name: null,
      sim_swap: null,
      call_forwarding: null,
      line_status: null,
      line_type_intelligence: {
        mobile_country_code: "999",
        mobile_network_code: "01",
        carrier_name: "Fictel Wireless",
        type: "mobile",
        error_code: null,
      },
      identity_match: null,
      reassigned_number: null,
      sms_pumping_risk: null,
      phone_number_quality_score: null,
      pre_fill: null,
      url: `${sandbox.twilio.url}/v2/PhoneNumbers/%2B15125550100`,
    });
  });

  it("keeps the paid package null when it was not asked for", async () => {
    expect((await lookup("+15125550100", "")).body.line_type_intelligence).toBeNull();
  });

  it("reads a national number as one of the United States", async () => {
    expect((await lookup("(512) 555-0199")).body).toMatchObject({ phone_number: "+15125550199", valid: true });
  });

  it.each(Object.entries(TWILIO_OUTCOMES).filter(([, outcome]) => !("fault" in outcome)))(
    "decides 555-%s by its table",
    async (digits, outcome) => {
      const { status, body } = await lookup(`+1512555${digits}`);
      if ("status" in outcome) {
        expect([status, body.code]).toEqual([404, 20404]);
      } else if ("invalid" in outcome) {
        expect(body).toMatchObject({
          valid: false,
          validation_errors: [outcome.invalid],
          line_type_intelligence: null,
        });
      } else if ("packageError" in outcome) {
        expect(body).toMatchObject({
          valid: true,
          line_type_intelligence: { type: null, error_code: outcome.packageError },
        });
      } else if ("line" in outcome) {
        expect(body.line_type_intelligence).toMatchObject({
          type: outcome.line,
          carrier_name: outcome.carrier ?? null,
          error_code: null,
        });
      }
    },
  );

  it("finds numbers too short and too long by itself, and what is no number not at all", async () => {
    expect((await lookup("+151255501")).body).toMatchObject({ valid: false, validation_errors: ["TOO_SHORT"] });
    expect((await lookup("+151255501001")).body).toMatchObject({ valid: false, validation_errors: ["TOO_LONG"] });
    expect(await lookup("call me")).toMatchObject({ status: 404, body: { code: 20404, status: 404 } });
  });

  it("refuses without credentials, in Twilio's words", async () => {
    for (const headers of [{}, basic("", "secret"), basic("SKany", ""), { Authorization: "Bearer x" }]) {
      const { status, body } = await lookup("+15125550100", "", headers);
      expect(status).toBe(401);
      expect(body).toEqual({
        code: 20003,
        message: "Authenticate",
        more_info: "https://www.twilio.com/docs/errors/20003",
        status: 401,
      });
    }
  });

  it("throttles a number of its own with code 20429", async () => {
    const { status, headers, body } = await lookup("+15125550140");
    expect([status, headers["retry-after"], body.code]).toEqual([429, "1", 20429]);
  });
});

const verify = async (
  email: string,
  headers: Record<string, string> = { Authorization: "Bearer test_x" },
  query = "",
) => {
  const reply = await call(`${sandbox.kickbox.url}/v2/verify?email=${encodeURIComponent(email)}${query}`, { headers });
  return { status: reply.status, headers: reply.headers, body: JSON.parse(reply.body) as Record<string, unknown> };
};

describe("the Kickbox stand-in", () => {
  it("finds any address deliverable, in the vendor's shape and lower case", async () => {
    const { status, headers, body } = await verify("Lena.Anyperson@Example.com");
    expect(status).toBe(200);
    expect(body).toEqual({
      result: "deliverable",
      reason: "accepted_email",
      role: false,
      free: false,
      disposable: false,
      accept_all: false,
      sendex: 1,
      email: "lena.anyperson@example.com",
      user: "lena.anyperson",
      domain: "example.com",
      success: true,
      message: expect.stringContaining("sandbox"),
    });
    expect(headers["x-kickbox-balance"]).toBe("4999");
    expect(headers["x-kickbox-response-time"]).toMatch(/^\d+$/);
  });

  it.each(Object.entries(KICKBOX_OUTCOMES).filter(([, outcome]) => "result" in outcome))(
    "decides %s@ and +%s@ by its table",
    async (tag, outcome) => {
      if (!("result" in outcome)) return expect.unreachable();
      for (const email of [`${tag}@example.com`, `someone+${tag}@example.org`]) {
        const { body } = await verify(email);
        expect(body).toMatchObject({
          result: outcome.result,
          reason: outcome.reason,
          sendex: outcome.sendex,
          ...outcome.flags,
        });
      }
    },
  );

  it("takes the key as apikey, Bearer or token, and refuses without one", async () => {
    expect((await verify("a@example.com", {}, "&apikey=k")).status).toBe(200);
    expect((await verify("a@example.com", { Authorization: "token k" })).status).toBe(200);
    expect(await verify("a@example.com", {})).toMatchObject({
      status: 403,
      body: { success: false, message: "Invalid API key" },
    });
  });

  it("never writes a key into the request log", async () => {
    await verify("a@example.com", {}, "&apikey=very-secret");
    expect(JSON.stringify(await control(sandbox.url, "/kickbox/requests"))).not.toContain("very-secret");
  });

  it("runs out of credits", async () => {
    await control(sandbox.url, "/kickbox/balance", { left: 1 });
    expect((await verify("a@example.com")).headers["x-kickbox-balance"]).toBe("0");
    expect(await verify("b@example.com")).toMatchObject({
      status: 403,
      body: { success: false, message: "Insufficient balance" },
    });
    expect((await verify("insufficient-balance@example.com")).status).toBe(403);
    const balance = await call(`${sandbox.kickbox.url}/v2/balance?apikey=k`);
    expect(JSON.parse(balance.body)).toMatchObject({ balance: 0 });
  });

  it("calls an address without a domain invalid", async () => {
    expect((await verify("nobody")).body).toMatchObject({ result: "undeliverable", reason: "invalid_email" });
  });
});
