/** The page on which a recording is looked at, as a file and for a server. */
export { PageExportError } from "./page-error.js";
export { describedSource, pageOf, titleOf } from "./export-page.js";
export { pageFile, type PageScript } from "./page-bundle.js";
export { SERVED_POLICY, servedPage } from "./page-html.js";
export {
  pageIndex,
  pageRecording,
  pageSources,
  pageSymbols,
  type PageFile,
  type PageRecording,
} from "./page-recording.js";
