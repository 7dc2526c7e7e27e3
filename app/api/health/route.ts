import { healthRoute } from "@/lib/http/health";
import { otherMethods } from "@/lib/http/other-methods";

export const dynamic = "force-dynamic";
export const GET = healthRoute;

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
