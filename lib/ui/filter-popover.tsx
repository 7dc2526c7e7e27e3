"use client";
import { Popover } from "radix-ui";
import { type ComponentProps, useState } from "react";
import { buttonClass } from "./button";
import { FilterForm } from "./filter-form";
import { Icon } from "./icons";

type FilterPopoverProps = ComponentProps<typeof FilterForm> & {
  /** Where the trigger leads without JavaScript: the same page with the form open in it. */
  openHref: string;
  chosen: number;
};

/** "Add filter": the filter form in a popover. */
export function FilterPopover({ openHref, chosen, ...form }: FilterPopoverProps) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover.Root open={isOpen} onOpenChange={setOpen}>
      <Popover.Trigger asChild>
        <a
          href={openHref}
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
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          align="start"
          sideOffset={6}
          collisionPadding={8}
          aria-label="Filters"
          className="floats z-40 max-h-[var(--radix-popover-content-available-height)] w-[340px] max-w-[calc(100vw-16px)] overflow-y-auto rounded-float bg-raised p-4 shadow-lift"
        >
          <FilterForm {...form} />
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
