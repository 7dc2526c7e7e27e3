import { operatorSessionRoute } from "@/lib/http/operator-session";

export const POST = operatorSessionRoute;
