import { env } from "./env";
import { bucketStore, type FileStore } from "./file-store";

/** The place of what an operator takes out of the service, and its bucket's name; null where EVIDENCE_BUCKET names none. */
export function firmExportsOf(): { bucket: string; store: FileStore } | null {
  const { EVIDENCE_BUCKET: bucket } = env();
  return bucket === undefined ? null : { bucket, store: bucketStore(bucket) };
}
