import Link from "next/link";
import { buttonClass } from "@/lib/ui/button";
import { Empty } from "@/lib/ui/states";

/** A lead that this firm does not have. */
export default function LeadNotFound() {
  return (
    <Empty
      title="There is no such lead"
      actions={
        <Link href="/leads" className={buttonClass("primary")}>
          Show all leads
        </Link>
      }
    >
      The address is wrong, or the record was removed. Nothing was changed.
    </Empty>
  );
}
