import { type Clock, systemClock } from "@/lib/core/clock";
import { newId } from "@/lib/core/ids";
import { type Operator, provenOperator } from "@/lib/domain/tenants/operator-ctx";
import type { TestFirm } from "../setup/firms";

/** Whoever runs the platform, as their door would have proven them. */
export const anOperator = (clock: Clock = systemClock): Operator => provenOperator(newId(), clock);

/** A firm that was made by a verb, as the test helpers know firms: enough for `eventsOf` and hosts. */
export const asTestFirm = (id: string, slug: string): TestFirm => ({ id, slug }) as TestFirm;
