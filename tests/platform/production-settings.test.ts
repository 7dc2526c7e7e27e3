import { afterEach, expect, it, vi } from "vitest";

afterEach(() => vi.unstubAllEnvs());

async function read(settings: Record<string, string>) {
  vi.resetModules();
  for (const [name, value] of Object.entries({ ARRESTRA_ENV: "production", ...settings })) vi.stubEnv(name, value);
  return (await import("@/lib/platform/env")).env();
}

it.each([
  "postgresql://app:x@db.example/arrestra?sslmode=verify-full",
  "postgresql://app:x@db.example/arrestra?sslmode=verify-full&sslrootcert=database-ca.pem",
  "postgresql://app:x@127.0.0.1:5432/arrestra",
  "postgresql://app:x@localhost/arrestra",
  "postgresql://app:x@[::1]/arrestra",
  "postgresql://app:x@db.example/arrestra?host=/var/run/postgresql",
])("takes in production the database at %s", async (address) => {
  expect((await read({ APP_DATABASE_URL: address })).APP_DATABASE_URL).toBe(address);
});

it.each([
  "postgresql://app:x@db.example/arrestra",
  "postgresql://app:x@db.example/arrestra?sslmode=require",
  "postgresql://app:x@db.example/arrestra?sslmode=no-verify",
  "postgresql://app:x@db.example/arrestra?sslmode=verify-full&sslmode=no-verify",
  "postgresql://app:x@localhost/arrestra?host=db.example",
  "postgresql://app:x@127.0.0.1.db.example/arrestra",
  "postgresql://app:x@db.localhost/arrestra",
])("refuses in production the database at %s, and asks for its certificate", async (address) => {
  // Seen red without: the question for isSafeDatabase in env.ts.
  for (const name of ["APP_DATABASE_URL", "PLATFORM_DATABASE_URL"])
    await expect(read({ APP_DATABASE_URL: "", PLATFORM_DATABASE_URL: "", [name]: address })).rejects.toThrow(
      `${name}: must say sslmode=verify-full in production`,
    );
  expect((await read({ ARRESTRA_ENV: "test", APP_DATABASE_URL: address })).APP_DATABASE_URL).toBe(address);
});

it("refuses in production to look at nobody's certificate", async () => {
  await expect(read({ NODE_TLS_REJECT_UNAUTHORIZED: "0" })).rejects.toThrow("NODE_TLS_REJECT_UNAUTHORIZED");
});

it("refuses in production a limit on replies without a bucket that greater files are fetched from", async () => {
  const limit = { REPLY_LIMIT_BYTES: "5000000" };
  // Seen red without: its question in env.ts.
  await expect(read({ ...limit, FILES_BUCKET: "" })).rejects.toThrow(
    "FILES_BUCKET: is needed beside REPLY_LIMIT_BYTES",
  );
  expect((await read({ ...limit, FILES_BUCKET: "files" })).FILES_BUCKET).toBe("files");
});
