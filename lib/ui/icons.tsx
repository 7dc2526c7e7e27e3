/* Every glyph of the product, drawn on a 16 px grid. The sprite is rendered once, by the root layout; `Icon` refers to it. */
const GLYPHS = {
  mark: (
    <>
      <path d="M2.5 13.5L8 2.5l5.5 11" strokeWidth="2" />
      <path d="M5.2 10h5.6" strokeWidth="2" />
    </>
  ),
  leads: <path d="M2.5 4h2M2.5 8h2M2.5 12h2M7 4h6.5M7 8h6.5M7 12h6.5" />,
  sources: (
    <>
      <ellipse cx="8" cy="4" rx="5" ry="1.8" />
      <path d="M3 4v8c0 1 2.2 1.8 5 1.8s5-.8 5-1.8V4M3 8c0 1 2.2 1.8 5 1.8S13 9 13 8" />
    </>
  ),
  settings: (
    <>
      <path d="M2.5 5h6.7M12.3 5h1.2M2.5 11h1.2M6.8 11h6.7" />
      <circle cx="10.7" cy="5" r="1.6" />
      <circle cx="5.3" cy="11" r="1.6" />
    </>
  ),
  find: (
    <>
      <circle cx="7" cy="7" r="4.2" />
      <path d="M10.2 10.2l3.3 3.3" />
    </>
  ),
  more: (
    <>
      <circle cx="3.5" cy="8" r=".6" />
      <circle cx="8" cy="8" r=".6" />
      <circle cx="12.5" cy="8" r=".6" />
    </>
  ),
  person: (
    <>
      <circle cx="8" cy="5.4" r="2.6" />
      <path d="M3 13.4c.5-2.6 2.5-4 5-4s4.5 1.4 5 4" />
    </>
  ),
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="8" height="8" rx="1.2" />
      <path d="M10.5 5.5v-2a1 1 0 0 0-1-1h-6a1 1 0 0 0-1 1v6a1 1 0 0 0 1 1h2" />
    </>
  ),
  print: (
    <>
      <path d="M4.5 6V2.5h7V6M4.5 12h-2V6h11v6h-2" />
      <path d="M4.5 9.5h7v4h-7z" />
    </>
  ),
  plus: <path d="M8 3.5v9M3.5 8h9" />,
  check: <path d="M3.5 8.4l3 3 6-6.8" />,
  sortDown: <path d="M8 3v10M4.5 9.5L8 13l3.5-3.5" />,
  sortUp: <path d="M8 13V3M4.5 6.5L8 3l3.5 3.5" />,
  filter: <path d="M2.5 4.5h11M4.5 8h7M6.5 11.5h3" />,
  download: <path d="M8 2.5v7.5M5 7.2L8 10.2l3-3M3 12.5v1h10v-1" />,
  down: <path d="M4.5 6.5L8 10l3.5-3.5" />,
  left: <path d="M9.5 4L6 8l3.5 4" />,
  previous: <path d="M4 10l4-4 4 4" />,
  next: <path d="M4 6l4 4 4-4" />,
  lock: (
    <>
      <rect x="3.5" y="7" width="9" height="6.5" rx="1.2" />
      <path d="M5.5 7V5a2.5 2.5 0 0 1 5 0v2" />
    </>
  ),
  clock: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M8 5v3.2l2 1.3" />
    </>
  ),
  eye: (
    <>
      <path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8z" />
      <circle cx="8" cy="8" r="1.8" />
    </>
  ),
  warn: (
    <>
      <path d="M8 2.8L14 13H2z" />
      <path d="M8 6.8v2.8M8 11.4v.1" />
    </>
  ),
  note: (
    <>
      <path d="M3 2.8h10v7.7L10 13.2H3z" />
      <path d="M10 13.2v-2.7h3M5.4 6h5.2M5.4 8.6h3" />
    </>
  ),
  phone: (
    <>
      <rect x="4.5" y="2" width="7" height="12" rx="1.4" />
      <path d="M7.2 11.8h1.6" />
    </>
  ),
  refresh: <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.6v2.6h-2.6" />,
  lowered: <path d="M8 3.2v9.4M4.6 9.2L8 12.6l3.4-3.4" />,
  raised: <path d="M8 12.8V3.4M4.6 6.8L8 3.4l3.4 3.4" />,
  barred: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M4.2 11.8l7.6-7.6" />
    </>
  ),
  unset: <circle cx="8" cy="8" r="5.5" strokeDasharray="2.2 2.1" />,
  mail: (
    <>
      <rect x="2.25" y="3.75" width="11.5" height="8.5" rx="1.2" />
      <path d="M2.8 4.8L8 8.9l5.2-4.1" />
    </>
  ),
  mailed: (
    <>
      <rect x="2.25" y="3.75" width="11.5" height="8.5" rx="1.2" fill="currentColor" />
      <path d="M3 5l5 4 5-4" stroke="var(--canvas)" />
    </>
  ),
  calendar: (
    <>
      <rect x="2.5" y="3.5" width="11" height="10" rx="1.4" />
      <path d="M2.5 6.5h11M5.5 2v2.5M10.5 2v2.5" />
    </>
  ),
  video: (
    <>
      <rect x="2" y="4.5" width="8" height="7" rx="1.2" />
      <path d="M10 7.2l4-2v5.6l-4-2" />
    </>
  ),
  bell: (
    <>
      <path d="M4 11V7.4a4 4 0 0 1 8 0V11l1.2 1.2H2.8z" />
      <path d="M6.7 13.8a1.5 1.5 0 0 0 2.6 0" />
    </>
  ),
  right: <path d="M6.5 4L10 8l-3.5 4" />,
  new: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <circle cx="8" cy="8" r="2.2" fill="currentColor" stroke="none" />
    </>
  ),
  reviewed: <circle cx="8" cy="8" r="5.5" />,
  qualified: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M5.6 8.2l1.7 1.7 3.2-3.6" />
    </>
  ),
  responded: <path d="M6.5 3.8L3 7.3l3.5 3.5M3.2 7.3H9a4 4 0 0 1 4 4v1.2" />,
  retained: (
    <>
      <circle cx="8" cy="8" r="6" fill="currentColor" stroke="none" />
      <path d="M5.4 8.2l1.8 1.8 3.5-3.9" stroke="var(--canvas)" />
    </>
  ),
  lost: (
    <>
      <circle cx="8" cy="8" r="5.5" />
      <path d="M5.5 8h5" />
    </>
  ),
} as const;

/** A glyph of the product. */
export type IconName = keyof typeof GLYPHS;

/** The glyphs as symbols, once per page. */
export function IconSprite() {
  return (
    <svg width="0" height="0" className="absolute" aria-hidden="true">
      <defs>
        {Object.entries(GLYPHS).map(([name, paths]) => (
          <symbol key={name} id={`i-${name}`} viewBox="0 0 16 16">
            {paths}
          </symbol>
        ))}
      </defs>
    </svg>
  );
}

/** One glyph, 16 px unless its place says otherwise. Always beside a word, so it is hidden from screen readers. */
export function Icon({ name, className = "" }: { name: IconName; className?: string }) {
  return (
    <svg className={`icon ${className}`} aria-hidden="true">
      <use href={`#i-${name}`} />
    </svg>
  );
}
