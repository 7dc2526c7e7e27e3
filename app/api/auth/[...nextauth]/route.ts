import { authRoute } from "@/lib/http/auth-route";
import { otherMethods } from "@/lib/http/other-methods";

export const GET = authRoute;
export const POST = authRoute;

const refuse = otherMethods("GET", "POST");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as PUT };
