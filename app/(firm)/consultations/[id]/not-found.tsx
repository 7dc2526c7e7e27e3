import Link from "next/link";
import { buttonClass } from "@/lib/ui/button";
import { Empty } from "@/lib/ui/states";

/** A consultation that this firm does not have. */
export default function ConsultationNotFound() {
  return (
    <Empty
      title="There is no such consultation"
      actions={
        <Link href="/consultations" className={buttonClass("primary")}>
          Show all consultations
        </Link>
      }
    >
      The address is wrong, or its lead is one that you do not see. Nothing was changed.
    </Empty>
  );
}
