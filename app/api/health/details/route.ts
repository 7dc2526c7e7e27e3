import { healthDetailsRoute } from "@/lib/http/health";

export const GET = healthDetailsRoute;
