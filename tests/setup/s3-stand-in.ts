import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import S3rver from "s3rver";

const NOT_HELD = "<Error><Code>PreconditionFailed</Code><Message>At least one did not hold</Message></Error>";

/** What came to the stand-in, in order. */
type SeenRequest = { method: string; url: string; headers: IncomingMessage["headers"] };

/**
 * A stand-in for S3 over real HTTP on a free port, with files in a temporary folder. s3rver does not know `If-None-Match: *` on a put,
 * `If-Match` on a get or head nor the end of a multipart upload that is given up, so these are answered in front of it, as S3 documents them. It does not check the
 * conditions of a posted form either: a test reads those from the policy that was signed. Sets what the SDK reads: address, region, keys.
 */
export async function startS3(...buckets: string[]) {
  const folder = mkdtempSync(path.join(tmpdir(), "arrestra-s3-"));
  const s3 = new S3rver({
    directory: folder,
    silent: true,
    vhostBuckets: false,
    configureBuckets: buckets.map((name) => ({ name })),
  });
  await s3.configureBuckets();
  const answer = s3.callback();
  const seen: SeenRequest[] = [];
  const taken = new Set<string>();
  const server = createServer((request, response) => {
    const { method = "", url = "", headers } = request;
    seen.push({ method, url, headers });
    const [place = ""] = url.split("?");
    if (method === "DELETE" && url.includes("uploadId=")) return response.writeHead(204).end();
    if (method === "PUT" && headers["if-none-match"] === "*") {
      if (taken.has(place)) {
        request.resume();
        return response.writeHead(412, { "content-type": "application/xml" }).end(NOT_HELD);
      }
      taken.add(place);
    }
    if (method === "DELETE") taken.delete(place);
    const asked = method === "GET" || method === "HEAD" ? headers["if-match"] : undefined;
    const digest = path.join(folder, `${place}._S3rver_object.md5`);
    if (asked && existsSync(digest) && asked !== `"${readFileSync(digest, "utf8")}"`)
      return response.writeHead(412, { "content-type": "application/xml" }).end(method === "HEAD" ? "" : NOT_HELD);
    return answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_S3: url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "S3RVER",
    AWS_SECRET_ACCESS_KEY: "S3RVER",
  });
  return {
    url,
    seen,
    async stop() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
