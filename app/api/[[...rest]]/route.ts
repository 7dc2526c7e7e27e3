import { noSuchRoute } from "@/lib/http/no-such-route";

// Programs get a problem they can read, not the page that people get.
export const GET = noSuchRoute;
export const POST = noSuchRoute;
export const PUT = noSuchRoute;
export const PATCH = noSuchRoute;
export const DELETE = noSuchRoute;
