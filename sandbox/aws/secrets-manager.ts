import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { BodyTooLarge, type Exchange, type Handler, readBody, reply } from "../http/exchange";

/** One secret as somebody would put it: the text is the product's to understand. */
export type SecretsWorld = {
  /** By name or ARN; change a value to rotate it. */
  secrets: Map<string, string>;
  /** Answers of this kind come first, one for each request. */
  failures: ("throttled" | "internal" | "denied")[];
  /** The ids that were asked for, in order. */
  asked: string[];
};

export const newSecretsWorld = (): SecretsWorld => ({ secrets: new Map(), failures: [], asked: [] });

const TYPE = "application/x-amz-json-1.1";
/** What every SDK sends: an algorithm, who for which day, region and service, what was signed, the signature. */
const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=[^/\s,]+\/\d{8}\/[a-z0-9-]+\/secretsmanager\/aws4_request, SignedHeaders=[a-z0-9;-]+, Signature=[0-9a-f]{64}$/;

const FAILURES = {
  throttled: [400, "ThrottlingException", "Rate exceeded"],
  internal: [500, "InternalServiceError", "An error occurred on the server side."],
  denied: [
    400,
    "AccessDeniedException",
    "User: arn:aws:sts::000000000000:assumed-role/compute/it is not authorized to perform: secretsmanager:GetSecretValue",
  ],
} as const;

/** The Secrets Manager stand-in: AWS JSON 1.1, `GetSecretValue` alone. Whether a signature is right is AWS's secret; that there is one is checked. */
export function secretsManagerHandler(world: SecretsWorld): Handler {
  return async (exchange) => {
    const { req, path } = exchange;
    if (req.method !== "POST" || path !== "/" || !String(req.headers["content-type"]).startsWith(TYPE))
      return refuse(exchange, 404, "UnknownOperationException");
    if (req.headers["x-amz-target"] !== "secretsmanager.GetSecretValue")
      return refuse(exchange, 400, "UnknownOperationException");
    if (!SIGNED.test(req.headers.authorization ?? "") || !req.headers["x-amz-date"])
      return refuse(exchange, 400, "MissingAuthenticationTokenException", "Missing Authentication Token");
    const id = idIn(await readBody(req));
    if (!id) return refuse(exchange, 400, "InvalidParameterException", "SecretId is required.");
    world.asked.push(id);
    const failure = world.failures.shift();
    if (failure) {
      const [status, type, message] = FAILURES[failure];
      return refuse(exchange, status, type, message);
    }
    const value = world.secrets.get(id);
    if (value === undefined)
      return refuse(exchange, 400, "ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
    answer(exchange, 200, {
      ARN: id.startsWith("arn:") ? id : `arn:aws:secretsmanager:us-east-2:000000000000:secret:${id}-AbCdEf`,
      Name: id,
      SecretString: value,
      VersionId: "00000000-0000-4000-8000-000000000000",
      VersionStages: ["AWSCURRENT"],
      CreatedDate: 1_700_000_000,
    });
  };
}

/** The stand-in on a port of its own, for what is told `AWS_ENDPOINT_URL_SECRETS_MANAGER`. */
export async function startSecretsManager(): Promise<{ url: string; world: SecretsWorld; close(): Promise<void> }> {
  const world = newSecretsWorld();
  const handle = secretsManagerHandler(world);
  const server = createServer((req, res) => {
    const url = new URL(req.url ?? "/", "http://127.0.0.1");
    const exchange = { req, res, url, path: url.pathname, base: "" };
    handle(exchange).catch((problem: unknown) =>
      refuse(exchange, problem instanceof BodyTooLarge ? 413 : 500, "InternalServiceError"),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    world,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function idIn(body: string): string | null {
  try {
    const { SecretId } = JSON.parse(body) as { SecretId?: unknown };
    return typeof SecretId === "string" && SecretId !== "" ? SecretId : null;
  } catch {
    return null;
  }
}

const answer = ({ res }: Exchange, status: number, body: object): void =>
  reply(res, status, { "Content-Type": TYPE, "x-amzn-RequestId": crypto.randomUUID() }, JSON.stringify(body));

const refuse = (exchange: Exchange, status: number, type: string, message: string = type): void =>
  answer(exchange, status, { __type: type, message });
