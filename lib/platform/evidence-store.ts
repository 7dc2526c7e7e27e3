import { env } from "./env";
import type { FileStore } from "./file-store";
import { s3Store } from "./s3-store";

/** The place of what an operator takes out of the service, and its bucket's name; null where EVIDENCE_BUCKET names none. */
export function evidenceOf(): { bucket: string; store: FileStore } | null {
  const { EVIDENCE_BUCKET: bucket, AWS_ENDPOINT_URL_S3 } = env();
  return bucket === undefined
    ? null
    : { bucket, store: s3Store(bucket, { isPathStyle: AWS_ENDPOINT_URL_S3 !== undefined }) };
}
