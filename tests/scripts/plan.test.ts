import { describe, expect, it } from "vitest";
import { readPlan } from "../../scripts/start/plan";

const given = { DATABASE_URL: "postgresql://owner@db/x", APP_DATABASE_URL: "postgresql://app@db/x" };
const secrets = {
  NEXTAUTH_SECRET: "s",
  FIELD_KEYS: "k",
  BLIND_INDEX_KEY: "b",
  AUDIT_SIGNING_KEYS: "a",
  SERVICE_SIGNING_KEYS: "s",
};
const plan = (env: Record<string, string>, args: string[] = []) => readPlan(args, env as NodeJS.ProcessEnv);

describe("what npm start does", () => {
  it("shows the demonstration on port 3000 when nothing is set", () => {
    expect(plan({})).toMatchObject({ demo: true, given: null, environment: "demo", baseUrl: "http://localhost:3000" });
  });

  it("moves the addresses with PORT", () => {
    expect(plan({ PORT: "3100" })).toMatchObject({ port: 3100, baseUrl: "http://localhost:3100" });
  });

  it("refuses a PORT that is none", () => {
    expect(() => plan({ PORT: "eighty" })).toThrow("PORT=eighty is not a port number");
  });

  it("only serves when a database is given", () => {
    expect(plan(given)).toMatchObject({
      demo: false,
      environment: "development",
      given: { appUrl: given.APP_DATABASE_URL },
    });
  });

  it("seeds a given database when asked for the demonstration", () => {
    expect(plan(given, ["--demo"])).toMatchObject({ demo: true, environment: "demo" });
  });

  it("names the address that is missing when only one is set", () => {
    expect(() => plan({ DATABASE_URL: given.DATABASE_URL })).toThrow("APP_DATABASE_URL is missing");
    expect(() => plan({ APP_DATABASE_URL: given.APP_DATABASE_URL })).toThrow("DATABASE_URL is missing");
  });

  it("shows no demonstration in production", () => {
    expect(() => plan({ ARRESTRA_ENV: "production" })).toThrow("set DATABASE_URL and APP_DATABASE_URL");
    expect(() => plan({ ...given, ...secrets, ARRESTRA_ENV: "production" }, ["--demo"])).toThrow("does not run");
  });

  it("makes up no secrets in production", () => {
    expect(() => plan({ ...given, ARRESTRA_ENV: "production" })).toThrow(
      "NEXTAUTH_SECRET, FIELD_KEYS, BLIND_INDEX_KEY, AUDIT_SIGNING_KEYS, SERVICE_SIGNING_KEYS",
    );
    expect(plan({ ...given, ...secrets, ARRESTRA_ENV: "production" })).toMatchObject({ demo: false });
  });
});
