import type { County } from "@/lib/core/county";
import type { PageRequest } from "../fetchers/fetcher";

/** 10,000 rows are 1.3 MB. */
const LIST_MAX_BYTES = 20_000_000;
const DETAIL_MAX_BYTES = 1_000_000;

const under = (baseUrl: URL, path: string): string => `${baseUrl.href.replace(/\/+$/, "")}${path}`;

/** The search for every bail form of a county. A person's browser sends it from the search page. */
export const listRequest = (baseUrl: URL, county: County): PageRequest => ({
  url: under(baseUrl, "/BailPublic/GetAllBailForms"),
  form: { Name: "", CauseNumber: "", MagistrationLocation: county, Offense: "" },
  headers: { "X-Requested-With": "XMLHttpRequest" },
  viaPage: under(baseUrl, `/BailPublic?MagistrationLocation=${encodeURIComponent(county)}`),
  maxBytes: LIST_MAX_BYTES,
});

/** The public page of one bail form; also what a lead links to. */
export const detailUrl = (baseUrl: URL, id: string): string =>
  under(baseUrl, `/BailPublic/BailPublic/${encodeURIComponent(id)}`);

/** The request for the public page of one bail form. */
export const detailRequest = (baseUrl: URL, id: string): PageRequest => ({
  url: detailUrl(baseUrl, id),
  maxBytes: DETAIL_MAX_BYTES,
});
