// How a secret is read, for the settings of a process and for the command that makes the roles of a database. It knows no settings: that command runs before there are any.
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { z } from "zod";

const TRIES = 4;

/** The form that Secrets Manager's own rotation reads and writes for PostgreSQL; more may stand in it. */
export const Login = z.object({
  engine: z.literal("postgres"),
  host: z.string().min(1),
  port: z.coerce.number().int().default(5432),
  dbname: z.string().min(1),
  username: z.string().min(1),
  password: z.string().min(1),
});

/** Whoever asks AWS for secrets. Made at the first use, so that nobody without one loads the SDK. */
export async function secretsClient(): Promise<SecretsManagerClient> {
  const { SecretsManagerClient } = await import("@aws-sdk/client-secrets-manager");
  return new SecretsManagerClient({
    maxAttempts: TRIES,
    requestHandler: { connectionTimeout: 2000, requestTimeout: 4000, throwOnRequestTimeout: true },
  });
}

/** The text of a secret that a setting names. @throws with a sentence that names both, never a value. */
export async function readSecret(
  client: SecretsManagerClient,
  id: string,
  setting: string,
  signal: AbortSignal,
): Promise<string> {
  const { GetSecretValueCommand } = await import("@aws-sdk/client-secrets-manager");
  try {
    return (await client.send(new GetSecretValueCommand({ SecretId: id }), { abortSignal: signal })).SecretString ?? "";
  } catch (error) {
    throw new Error(`The secret ${id} of ${setting} could not be read: ${whyOf(error)}.`);
  }
}

/** What a secret holds; null for what is no JSON: the parser's own complaint would quote the secret. */
export function objectIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** What AWS says, which holds no value; of anything else the name alone, since a parser would quote what it could not read. */
function whyOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const isOfAws = "$fault" in error || error.name === "CredentialsProviderError";
  return isOfAws ? `${error.name}, ${error.message.slice(0, 300)}` : error.name;
}
