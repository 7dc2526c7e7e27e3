import { env } from "./env";
import { folderStore } from "./folder-store";
import { s3Store } from "./s3-store";

/* How a browser gets or gives a file without us in between. */
type DownloadTerms = { filename: string; type: string; seconds: number; version?: string };
type UploadTerms = { type: string; maxBytes: number; seconds: number; seal?: FileSeal };
/** A form that a browser posts to `url`: these fields first, then the field `file`. */
type UploadForm = { url: string; fields: Record<string, string> };

type OpenFile = { stream: ReadableStream<Uint8Array>; bytes: number; version: string };

/** What a bucket seals a file with in place of its own key: a key of KMS, and words that KMS wants to hear again before it opens anything. A folder seals nothing. */
export type FileSeal = { keyArn: string; context: Record<string, string> };

/** A place for files outside the database. Keys are like `exports/<firm>/<id>.csv`. A folder of this machine or a bucket: both keep the same promises. */
export type FileStore = {
  /** Writes a file that is not there yet, whole or not at all; false when there already is one, which stays as it is. */
  putOnce(key: string, bytes: Uint8Array): Promise<boolean>;
  get(key: string): Promise<Buffer | null>;
  /** The keys that lie right under a prefix ending in `/`, sorted; with `after`, only those behind it, which need not be there itself. */
  list(prefix: string, options?: { after?: string }): Promise<string[]>;
  /** The keys of all files below a prefix ending in `/`, however deep, sorted. */
  listBelow(prefix: string): Promise<string[]>;
  /** Writes a file of any size in constant memory, whole or not at all, in place of the one that is there. */
  write(
    key: string,
    bytes: AsyncIterable<Uint8Array>,
    about: { type: string; seal?: FileSeal },
  ): Promise<{ bytes: number }>;
  /**
   * The file as a stream, to be read to its end or canceled; null when there is none. `version` tells it from what another write puts there: given one, no other
   * is opened. @throws FileChanged
   */
  open(key: string, version?: string): Promise<OpenFile | null>;
  size(key: string): Promise<number | null>;
  /** Removes a file; nothing happens when there is none. */
  remove(key: string): Promise<void>;
  /** Removes what writes right under a prefix ending in `/` have left, which were killed and wrote their last byte before that moment. Says how many. */
  removeUnfinished(prefix: string, before: Date): Promise<number>;
  /**
   * A link that loads the file without us, for so long; null when this store has none, so that our own route serves it. Given a version, it loads no other where the
   * bucket keeps versions, and is null too when nothing lies there. @throws FileChanged when another lies there already
   */
  downloadLink(key: string, terms: DownloadTerms): Promise<string | null>;
  /** A form that puts exactly this file there, for so long; null when this store has none, so that our own route takes it. */
  uploadForm(key: string, terms: UploadTerms): Promise<UploadForm | null>;
};

/** Files in a bucket; a stand-in of S3 on this machine has no host for each bucket. */
export const bucketStore = (bucket: string): FileStore =>
  s3Store(bucket, { isPathStyle: env().AWS_ENDPOINT_URL_S3 !== undefined });

const storeOf = (bucket: string | undefined, folder: string): FileStore =>
  bucket === undefined ? folderStore(folder) : bucketStore(bucket);

/** Where exports wait to be fetched and imports to be read. */
export const filesOf = (): FileStore => storeOf(env().FILES_BUCKET, env().FILES_DIR);

/** Where files lie that firms keep with a lead. */
export const evidenceFilesOf = (): FileStore => storeOf(env().EVIDENCE_BUCKET, env().EVIDENCE_DIR);

/** The place of the signed heads of the audit chains. */
export const auditHeadsOf = (): FileStore => storeOf(env().AUDIT_HEADS_BUCKET, env().AUDIT_HEADS_DIR);
