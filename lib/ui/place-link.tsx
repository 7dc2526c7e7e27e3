"use client";
import Link, { useLinkStatus } from "next/link";
import { usePathname } from "next/navigation";
import { Icon, type IconName } from "./icons";
import { Tip } from "./tip";

type PlaceLinkProps = {
  href: string;
  /** The path that makes this the current place, with everything under it; empty for none. */
  root: string;
  icon: IconName;
  label: string;
  count?: string;
  isTab?: boolean;
};

const RAIL =
  "flex h-[30px] items-center gap-[9px] rounded-ctl px-2 font-label text-ink-2 hover:bg-[color-mix(in_oklch,var(--ink)_6%,transparent)] hover:text-ink hover:no-underline current:bg-[color-mix(in_oklch,var(--ink)_8%,transparent)] current:font-strong current:text-ink current:[&_svg]:text-accent narrow:px-[9px]";
const TAB =
  "relative grid h-14 content-center justify-items-center gap-0.5 text-[11px] leading-[14px] font-[500] text-ink-2 hover:no-underline current:font-head current:text-accent current:before:absolute current:before:-top-px current:before:h-0.5 current:before:w-8 current:before:bg-accent [&_svg]:size-5!";

/** A place of the product: in the rail, or as a tab of the phone's bottom bar. */
export function PlaceLink({ href, root, icon, label, count, isTab = false }: PlaceLinkProps) {
  const path = usePathname() ?? "";
  const isCurrent = root !== "" && (path === root || path.startsWith(`${root}/`));
  const link = (
    <Link href={href} prefetch={false} aria-current={isCurrent ? "page" : undefined} className={isTab ? TAB : RAIL}>
      <Icon name={icon} />
      <span className={isTab ? "" : "narrow:sr-only"}>{label}</span>
      {isTab ? null : <Count count={count} />}
    </Link>
  );
  return isTab ? (
    link
  ) : (
    <Tip label={label} side="right" narrowOnly>
      {link}
    </Tip>
  );
}

/* While the place is on its way its count gives way to a bar that is still for 200 ms, then breathes. */
function Count({ count }: { count: string | undefined }) {
  const { pending } = useLinkStatus();
  if (pending) return <span className="sk ml-auto w-6 narrow:hidden" />;
  return count ? <span className="num ml-auto text-12 font-text narrow:hidden">{count}</span> : null;
}
