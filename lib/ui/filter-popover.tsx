"use client";
import { type ComponentProps, lazy, Suspense, useRef, useState } from "react";
import { buttonClass } from "./button";
import type { FilterForm } from "./filter-form";
import { Icon } from "./icons";

type FilterPopoverProps = ComponentProps<typeof FilterForm> & {
  /** Where the trigger leads without JavaScript: the same page with the form open in it. */
  openHref: string;
  chosen: number;
};

/* Fetched with the first click. */
const FilterPanel = lazy(() => import("./filter-panel"));

/** "Add filter": the filter form in a popover. */
export function FilterPopover({ openHref, chosen, ...form }: FilterPopoverProps) {
  const [isOpen, setOpen] = useState(false);
  const trigger = useRef<HTMLAnchorElement>(null);
  return (
    <>
      <a
        ref={trigger}
        href={openHref}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        onClick={(event) => {
          event.preventDefault();
          setOpen(!isOpen);
        }}
        className={buttonClass("quiet", "phone:border-edge phone:bg-canvas phone:text-ink")}
      >
        <Icon name="filter" />
        <span className="phone:hidden">Add filter</span>
        <span className="hidden phone:inline">Filters{chosen > 0 ? ` ${chosen}` : ""}</span>
      </a>
      {isOpen ? (
        <Suspense fallback={null}>
          <FilterPanel trigger={trigger} onClose={() => setOpen(false)} {...form} />
        </Suspense>
      ) : null}
    </>
  );
}
