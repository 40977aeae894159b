/** What is asked beside the events, by the word that is to be its rows' `kind`. */
import { value } from "../../options/codecs.js";
import { Query } from "../past/query/index.js";
import type { RowOfHart } from "../past/query/row.js";

export type QuestionsByKind = Readonly<Record<string, Query<RowOfHart>>>;

export const QUESTIONS_BY_KIND = value<QuestionsByKind>(
  "questions by the kind of their rows, as { calls: calls(recording, name) }",
  (given) => typeof given === "object" && given !== null && Object.values(given).every((one) => one instanceof Query),
);
