// The long work of a booth, the same in a worker and (where a browser has no module workers) in the page.

import { auditBallot, makeBallot, readElection } from "./core/ballot.js";
import { exponentOf } from "./core/credentials.js";
import { slotValues } from "./core/layouts.js";

export async function work({ task, source, code, choice, ballot, opening }, tell) {
  const election = await readElection(source);
  if (task === "audit") return auditBallot(election, ballot, opening);
  return makeBallot(election, await exponentOf(code, election.uuid), slotValues(election, choice), tell);
}
