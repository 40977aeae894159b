/** Questions about what goes on behind the end of what is asked. */
import type { Query } from "./query.js";
import type { Listener } from "./question.js";

/** The same question, without what only an end makes a row: whoever hears what comes next tells it whole. */
export const goingOn = <Row>(query: Query<Row>): Query<Row> =>
  query.read((own) => ({ ...own, listen: (isBeginning) => unended(own.listen(isBeginning)) }));

/** Not a copy: it may be of a class, and what it watches may change. */
const unended = <Found>(listener: Listener<Found>): Listener<Found> =>
  Object.create(listener, { ends: { value: undefined } }) as Listener<Found>;
