// From what a voter ticked to slot values; the twin of ballots/core/layouts.py.

const SIGNS = { for: "a", against: "d", abstain: "n" };

/** Why these marks are no valid ballot, in the voter's words, or "". `facts` come from the frozen election. */
export function faultOf(facts, choice) {
  if (facts.kind !== "candidates") {
    return choice.marks.some((mark) => mark === null || mark === undefined) ? "每一项都要选，而且只选一个。" : "";
  }
  const { marks, written } = choice;
  if (marks.length !== Number(facts.candidates) || marks.some((mark) => !(mark in SIGNS))) {
    return "每名候选人都要选赞成、不赞成或弃权。";
  }
  const count = (kind) => marks.filter((mark) => mark === kind).length;
  if (written.length > count("against")) return "另选人数不能多于您不赞成的人数。";
  if (count("for") + written.length > Number(facts.seats)) return `赞成和另选合计不能超过应选名额${facts.seats}名。`;
  return "";
}

export function slotValues(election, choice) {
  const { facts, slots } = election.rules;
  const fault = faultOf(facts, choice);
  if (fault) throw new Error(fault);
  const chosen = new Set();
  if (facts.kind === "candidates") {
    choice.marks.forEach((mark, i) => chosen.add(`${SIGNS[mark]}${i}`));
    choice.written.forEach((number) => chosen.add(`w${number}`));
  } else {
    choice.marks.forEach((mark, i) => chosen.add(`q${i}.${mark}`));
  }
  return Object.fromEntries(slots.flat().map((name) => [name, chosen.has(name) ? 1 : 0]));
}
