type BucketPlace = {
  bucket: string | undefined;
  region: string | undefined;
  /** The address of a stand-in for S3, which has no host for each bucket. */
  endpoint: string | undefined;
};

/** Where a browser posts a file for a bucket: the origin that our pages must be allowed to speak with. Null without a bucket, or where its address is not known. */
export function bucketOrigin({ bucket, region, endpoint }: BucketPlace): string | null {
  if (!bucket) return null;
  if (endpoint) return URL.canParse(endpoint) ? new URL(endpoint).origin : null;
  if (!region || !/^[a-z0-9-]+$/.test(region) || !/^[a-z0-9.-]+$/.test(bucket)) return null;
  // A certificate of S3 covers one name before its own: a bucket with a dot has its place in the path.
  const host = `s3.${region}.amazonaws.com`;
  return bucket.includes(".") ? `https://${host}` : `https://${bucket}.${host}`;
}
