import { type NextRequest, NextResponse } from "next/server";
import { bucketOrigin } from "./lib/core/bucket-origin";
import { classifyHost } from "./lib/core/host";

// The pages. Routes stay outside: Next cuts bodies at 10 MB on every route that middleware matches, and
// costs as much again as the route itself. Each route and page proves its host again; this is never the only check.
export const config = { runtime: "nodejs", matcher: ["/((?!api/|_next/static/).*)"] };

const NOT_FOUND = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Not found</title></head><body><h1>Not found</h1></body></html>`;

/** Classifies the host, overwrites what a client may have forged about it, and gives the page a nonce for its scripts. */
export function middleware(request: NextRequest): NextResponse {
  const baseUrl = process.env.APP_BASE_URL || "http://localhost:3000";
  const scheme = new URL(baseUrl).protocol.slice(0, -1);
  const site = classifyHost(request.headers.get(process.env.TRUSTED_HOST_HEADER || "host"), baseUrl);
  const nonce = btoa(crypto.randomUUID());
  const policy = contentPolicy(nonce, scheme === "https");
  if (site.kind === "bad") {
    const headers = { "content-type": "text/html; charset=utf-8", "content-security-policy": "default-src 'none'" };
    return protect(new NextResponse(NOT_FOUND, { status: 404, headers }), scheme);
  }
  const headers = new Headers(request.headers);
  for (const name of request.headers.keys()) if (name.startsWith("x-tenant-")) headers.delete(name);
  headers.delete("x-forwarded-port");
  headers.delete("forwarded");
  headers.set("x-forwarded-host", site.host);
  headers.set("x-forwarded-proto", scheme);
  headers.set("x-nonce", nonce);
  headers.set("content-security-policy", policy);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("content-security-policy", policy);
  return protect(response, scheme);
}

/** Lists of a firm's own and files kept with a lead are posted to their buckets without us. */
function filesOrigin(): string[] {
  const { FILES_BUCKET, EVIDENCE_BUCKET, AWS_REGION: region, AWS_ENDPOINT_URL_S3: endpoint } = process.env;
  const origins = [FILES_BUCKET, EVIDENCE_BUCKET].map((bucket) => bucketOrigin({ bucket, region, endpoint }));
  return [...new Set(origins.filter((origin) => origin !== null))];
}

function contentPolicy(nonce: string, isSecure: boolean): string {
  // The development server evaluates strings and injects style elements; the built one does neither.
  const isDev = process.env.NODE_ENV === "development";
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${isDev ? " 'unsafe-eval'" : ""}`,
    `style-src 'self' ${isDev ? "'unsafe-inline'" : `'nonce-${nonce}'`}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src ${["'self'", ...(isDev ? ["ws:"] : []), ...filesOrigin()].join(" ")}`,
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(isSecure ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

function protect(response: NextResponse, scheme: string): NextResponse {
  const { headers } = response;
  headers.set("x-content-type-options", "nosniff");
  headers.set("x-frame-options", "DENY");
  headers.set("referrer-policy", "same-origin");
  headers.set("permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  headers.set("cross-origin-opener-policy", "same-origin");
  headers.set("cross-origin-resource-policy", "same-origin");
  headers.set("cache-control", "private, no-store");
  if (scheme === "https") headers.set("strict-transport-security", "max-age=63072000; includeSubDomains");
  return response;
}
