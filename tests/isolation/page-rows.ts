import { HOME as LIST } from "@/lib/http/callback-url";
import type { House } from "./http-world";

/** What a page answers: 200, 404, or where it leads. */
export type Answer = 200 | 404 | `/${string}`;

/** A page and what each caller gets. On a host that is nobody's there is never anything. */
export type PageRow = {
  /** With ids of the house whose page it is. */
  path: (house: House) => string;
  /** On the firm's host without a session; the same for a session of another firm. */
  nobody: Answer;
  /** Without a session on another firm's host, when that is another answer. */
  elsewhere?: Answer;
  /** Whether it names its holder to a browser without a session. */
  showsHolder?: boolean;
  /** Signed in on the firm's host. */
  people: Answer;
  /** Whether owners and admins alone see what it holds; others read who to ask. */
  isForAdmins?: boolean;
  /** What an admin of another firm gets on their own host for the same path. */
  foreign: Answer;
  /** On our own address, with or without a firm's session. */
  apex: Answer;
};

const HOME = LIST as Answer;
const login = (page: string): Answer => `/login?callbackUrl=${encodeURIComponent(page)}`;
/** A page of the firm that everybody signed in has. */
const ofFirm = (page: `/${string}`, more: Partial<PageRow> = {}): PageRow => ({
  path: () => page,
  nobody: login(page),
  people: 200,
  foreign: 200,
  apex: 404,
  ...more,
});
/** A page for whoever holds a one-time link of a person of the house: the link is the proof there, on the firm's own host alone. */
const forLink = (page: string, purpose: keyof House["links"]): PageRow => ({
  path: ({ links }) => `${page}/${links[purpose]}`,
  nobody: 200,
  elsewhere: 404,
  showsHolder: true,
  people: 200,
  foreign: 404,
  apex: 404,
});
/** A page of whoever runs the platform: on a firm's host there is none. */
const forOperator = (page: string): PageRow => ({
  path: () => page,
  nobody: 404,
  people: 404,
  foreign: 404,
  apex: 200,
});

/** Every page of the build: see pages.http.test.ts for what is asked of each. */
export const PAGES: Record<string, PageRow> = {
  "/": { path: () => "/", nobody: "/login", people: HOME, foreign: HOME, apex: 200 },
  "/leads": ofFirm("/leads"),
  "/leads/[id]": {
    path: ({ lead }) => `/leads/${lead}`,
    nobody: "/login?callbackUrl=%2Fleads%2F:id",
    people: 200,
    foreign: 404,
    apex: 404,
  },
  "/consultations": ofFirm("/consultations"),
  "/consultations/[id]": {
    path: ({ consultation }) => `/consultations/${consultation}`,
    nobody: "/login?callbackUrl=%2Fconsultations%2F:id",
    people: 200,
    foreign: 404,
    apex: 404,
  },
  "/exports": ofFirm("/exports"),
  "/imports": ofFirm("/imports", { isForAdmins: true }),
  "/imports/[id]": {
    path: ({ leadImport }) => `/imports/${leadImport}`,
    nobody: "/login?callbackUrl=%2Fimports%2F:id",
    people: 200,
    isForAdmins: true,
    foreign: 404,
    apex: 404,
  },
  "/sources": ofFirm("/sources"),
  "/settings": ofFirm("/settings", { people: "/settings/profile", foreign: "/settings/profile" }),
  "/settings/profile": ofFirm("/settings/profile"),
  "/settings/users": ofFirm("/settings/users", { isForAdmins: true }),
  "/settings/api-keys": ofFirm("/settings/api-keys", { isForAdmins: true }),
  "/settings/domains": ofFirm("/settings/domains", { isForAdmins: true }),
  "/settings/connections": ofFirm("/settings/connections", { isForAdmins: true }),
  "/settings/connections/zoho": ofFirm("/settings/connections/zoho", { isForAdmins: true }),
  "/settings/audit": ofFirm("/settings/audit", { isForAdmins: true }),
  "/login": { path: () => "/login", nobody: 200, people: HOME, foreign: HOME, apex: 404 },
  "/login/code": { path: () => "/login/code", nobody: "/login", people: HOME, foreign: HOME, apex: 404 },
  "/join/[link]": forLink("/join", "join"),
  "/recover/password/[link]": forLink("/recover/password", "password"),
  "/recover/factor/[link]": forLink("/recover/factor", "factor"),
  "/operator": forOperator("/operator"),
  "/operator/firms": forOperator("/operator/firms"),
  "/problems/[code]": { path: () => "/problems/not_found", nobody: 200, people: 200, foreign: 200, apex: 200 },
};
