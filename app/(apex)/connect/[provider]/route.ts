import { otherMethods } from "@/lib/http/other-methods";
import { returnToFirmRoute } from "@/lib/http/return-to-firm";

export const GET = returnToFirmRoute;

const refuse = otherMethods("GET");

export { refuse as DELETE, refuse as OPTIONS, refuse as PATCH, refuse as POST, refuse as PUT };
