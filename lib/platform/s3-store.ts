import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { attachmentOf } from "@/lib/core/attachment";
import { FileChanged } from "./file-changed";
import { isFileName, segmentsOf } from "./file-key";
import type { FileSeal, FileStore } from "./file-store";

/** What is in memory at once while a file is written: two parts on their way and one that fills. 10,000 parts make 80 GB. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 2;

/** Two that put the same key at once: S3 tells the loser to try again, and then that something is there. */
const PUT_ATTEMPTS = 4;

const sdk = () => import("@aws-sdk/client-s3");

const clients = new Map<boolean, Promise<S3Client>>();

/** Made at the first use, so that nobody without a bucket loads the SDK. Region and credentials come from where it runs. */
function clientOf(isPathStyle: boolean): Promise<S3Client> {
  let client = clients.get(isPathStyle);
  if (!client) {
    client = sdk().then(
      ({ S3Client }) =>
        new S3Client({
          ...(isPathStyle ? { forcePathStyle: true } : {}),
          maxAttempts: 4,
          requestHandler: { connectionTimeout: 5_000, socketTimeout: 60_000 },
        }),
    );
    clients.set(isPathStyle, client);
  }
  return client;
}

/** Files in a bucket of S3. `isPathStyle` for a stand-in of it, which has no host of its own for each bucket. */
export function s3Store(bucket: string, { isPathStyle }: { isPathStyle: boolean }): FileStore {
  const client = () => clientOf(isPathStyle);
  const at = (key: string) => ({ Bucket: bucket, Key: segmentsOf(key).join("/") });

  /** A browser that follows a link says no `If-Match`, so the link itself names the version, where the bucket keeps them. */
  async function pinned(key: string, version: string): Promise<{ VersionId?: string } | null> {
    const { HeadObjectCommand } = await sdk();
    const head = new HeadObjectCommand({ ...at(key), IfMatch: version });
    const found = await unlessAbsent((await client()).send(head)).catch((error: unknown) => {
      throw statusOf(error) === 412 ? new FileChanged(key, { cause: error }) : error;
    });
    if (!found) return null;
    return found.VersionId === undefined || found.VersionId === "null" ? {} : { VersionId: found.VersionId };
  }

  return {
    async removeUnfinished(prefix) {
      segmentsOf(prefix);
      // Parts of a file that was never put together are no file; the bucket forgets them after a day (infra/base/buckets.ts).
      return 0;
    },
    async putOnce(key, bytes) {
      const { PutObjectCommand } = await sdk();
      const place = at(key);
      for (let attempt = 1; ; attempt += 1) {
        try {
          await (await client()).send(new PutObjectCommand({ ...place, Body: bytes, IfNoneMatch: "*" }));
          return true;
        } catch (error) {
          const status = statusOf(error);
          if (status === 412) return false;
          if (status !== 409 || attempt === PUT_ATTEMPTS) throw error;
        }
      }
    },
    async get(key) {
      const { GetObjectCommand } = await sdk();
      const place = at(key);
      const found = await unlessAbsent((await client()).send(new GetObjectCommand(place)));
      return found?.Body ? Buffer.from(await found.Body.transformToByteArray()) : null;
    },
    async list(prefix, { after } = {}) {
      const { paginateListObjectsV2 } = await sdk();
      const Prefix = `${segmentsOf(prefix).join("/")}/`;
      const keys: string[] = [];
      const asked = { Bucket: bucket, Prefix, Delimiter: "/", ...(after === undefined ? {} : { StartAfter: after }) };
      const pages = paginateListObjectsV2({ client: await client() }, asked);
      for await (const page of pages) {
        for (const { Key } of page.Contents ?? []) if (Key && isFileName(Key.slice(Prefix.length))) keys.push(Key);
        // A folder in it is a key too, as `heads/` lists the firms.
        for (const folder of page.CommonPrefixes ?? []) if (folder.Prefix) keys.push(folder.Prefix.replace(/\/$/, ""));
      }
      return keys.sort();
    },
    async listBelow(prefix) {
      const { paginateListObjectsV2 } = await sdk();
      const Prefix = `${segmentsOf(prefix).join("/")}/`;
      const keys: string[] = [];
      for await (const page of paginateListObjectsV2({ client: await client() }, { Bucket: bucket, Prefix }))
        for (const { Key } of page.Contents ?? []) if (Key?.split("/").every(isFileName)) keys.push(Key);
      return keys.sort();
    },
    async write(key, chunks, { type, seal }) {
      const place = at(key);
      const { Upload } = await import("@aws-sdk/lib-storage");
      let bytes = 0;
      const counted = async function* () {
        for await (const chunk of chunks) {
          bytes += chunk.byteLength;
          yield chunk;
        }
      };
      const upload = new Upload({
        client: await client(),
        params: { ...place, Body: Readable.from(counted(), { objectMode: false }), ContentType: type, ...sealed(seal) },
        partSize: PART_BYTES,
        queueSize: PARTS_AT_ONCE,
      });
      await upload.done();
      return { bytes };
    },
    async open(key, version) {
      const { GetObjectCommand } = await sdk();
      const place = { ...at(key), ...(version === undefined ? {} : { IfMatch: version }) };
      const found = await unlessAbsent((await client()).send(new GetObjectCommand(place))).catch((error: unknown) => {
        throw statusOf(error) === 412 ? new FileChanged(key, { cause: error }) : error;
      });
      if (!found?.Body) return null;
      const stream = found.Body.transformToWebStream() as ReadableStream<Uint8Array>;
      return { stream, bytes: found.ContentLength ?? 0, version: found.ETag ?? "" };
    },
    async size(key) {
      const { HeadObjectCommand } = await sdk();
      const place = at(key);
      const found = await unlessAbsent((await client()).send(new HeadObjectCommand(place)));
      return found?.ContentLength ?? null;
    },
    async remove(key) {
      const { DeleteObjectCommand } = await sdk();
      await (await client()).send(new DeleteObjectCommand(at(key)));
    },
    async downloadLink(key, { filename, type, seconds, version }) {
      const place = at(key);
      const { GetObjectCommand } = await sdk();
      const { getSignedUrl } = await import("@aws-sdk/s3-request-presigner");
      const pin = version === undefined ? {} : await pinned(key, version);
      if (!pin) return null;
      const command = new GetObjectCommand({
        ...place,
        ...pin,
        ResponseContentDisposition: attachmentOf(filename),
        ResponseContentType: type,
        ResponseCacheControl: "private, no-store",
      });
      return getSignedUrl(await client(), command, { expiresIn: seconds });
    },
    async uploadForm(key, { type, maxBytes, seconds, seal }) {
      const place = at(key);
      const { createPresignedPost } = await import("@aws-sdk/s3-presigned-post");
      // Key, type and seal are conditions because they are fields: S3 refuses every other.
      return createPresignedPost(await client(), {
        ...place,
        Fields: { "Content-Type": type, ...sealFields(seal) },
        Conditions: [["content-length-range", 1, maxBytes]],
        Expires: seconds,
      });
    },
  };
}

const contextOf = ({ context }: FileSeal): string => Buffer.from(JSON.stringify(context)).toString("base64");

const sealed = (seal: FileSeal | undefined) =>
  seal
    ? {
        ServerSideEncryption: "aws:kms" as const,
        SSEKMSKeyId: seal.keyArn,
        SSEKMSEncryptionContext: contextOf(seal),
      }
    : {};

const sealFields = (seal: FileSeal | undefined): Record<string, string> =>
  seal
    ? {
        "x-amz-server-side-encryption": "aws:kms",
        "x-amz-server-side-encryption-aws-kms-key-id": seal.keyArn,
        "x-amz-server-side-encryption-context": contextOf(seal),
      }
    : {};

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;

async function unlessAbsent<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (statusOf(error) === 404 && (error as Error).name !== "NoSuchBucket") return null;
    throw error;
  }
}
