const SEGMENT = /^[A-Za-z0-9_-][A-Za-z0-9._-]*$/;

/** Whether a name may stand between the slashes of a key. */
export const isFileName = (name: string): boolean => SEGMENT.test(name);

/** The segments of a key, or of a prefix that ends in `/`. Throws for what could leave its place. */
export function segmentsOf(key: string): string[] {
  const segments = key.replace(/\/$/, "").split("/");
  if (!segments.every(isFileName)) throw new Error("A key of the file store is malformed.");
  return segments;
}
