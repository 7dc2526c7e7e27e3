import { healthDetailsRoute } from "@/lib/http/health";
import { otherMethods } from "@/lib/http/other-methods";

export const GET = healthDetailsRoute;

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
