// The ballot as the voter sees it: what stands on it, what may be marked, and what the marks say. No secret, no sending.

import { el, every, find } from "./page.js";
import { faultOf } from "./core/layouts.js";

const MARKS = [["for", "○", "赞成"], ["against", "×", "不赞成"], ["abstain", "—", "弃权"]];
const ABSTAIN = "弃权";
const WRITTEN = /^另选：/;

/** What stands on the ballot, read from the frozen election alone. */
export function readPaper(election) {
  const { facts } = election.rules;
  if (facts.kind !== "candidates") {
    const subjects = election.questions.map((question) => ({ name: question.question, answers: question.answers }));
    return { facts, subjects, roll: [], seats: 0 };
  }
  const subjects = election.questions.slice(0, Number(facts.candidates)).map((question) => ({ name: question.question }));
  const limit = election.questions[Number(facts.candidates)].answers;
  return { facts, subjects, roll: limit.filter((name) => WRITTEN.test(name)).map((name) => name.replace(WRITTEN, "")), seats: Number(facts.seats) };
}

export const isCandidates = (paper) => paper.facts.kind === "candidates";

/** The answers to one subject: [value, sign, word]. */
function answersOf(paper, subject) {
  return isCandidates(paper) ? MARKS : subject.answers.map((word, i) => [String(i), "", word]);
}

const markOf = (form, i) => find(`input[name="s${i}"]:checked`, form)?.value ?? null;
const writtenOf = (form, i) => (markOf(form, i) === "against" ? find(`select[name="w${i}"]`, form)?.value || null : null);

/** What was marked so far; null where nothing is. */
export function marksOn(form, paper) {
  return {
    marks: paper.subjects.map((_, i) => markOf(form, i)),
    written: paper.subjects.map((_, i) => writtenOf(form, i)),
  };
}

export function taken({ marks, written }) {
  const approved = marks.filter((mark) => mark === "for").length;
  const instead = written.filter((name) => name !== null).length;
  return { approved, instead, all: approved + instead };
}

function radio(i, [value, sign, word]) {
  const id = `s${i}-${value}`;
  return [
    el("input", { type: "radio", name: `s${i}`, id, value }),
    el("label", { for: id }, sign && el("span", { class: "bl-sign", "aria-hidden": "true" }, sign), word),
  ];
}

function insteadField(i, name, paper) {
  const choices = paper.roll.map((person, number) => el("option", { value: String(number) }, person));
  return el(
    "div",
    { class: "bl-instead", hidden: true },
    el("label", { for: `w${i}` }, "另选他人（可以不填）"),
    el("select", { name: `w${i}`, id: `w${i}`, class: "form-select", "aria-describedby": `h${i}` }, el("option", { value: "" }, "不另选"), choices),
    el("p", { class: "bl-small dim", id: `h${i}` }, `从 ${paper.roll.length} 名有被选举权的党员中选一名，代替${name}。`),
  );
}

function candidate(subject, i, paper) {
  return el(
    "section",
    { class: "bl-cand", "data-subject": i },
    el("h3", { class: "bl-name" }, subject.name),
    el(
      "fieldset",
      { class: answersOf(paper, subject).length > 3 ? "bl-pick many" : "bl-pick" },
      el("legend", { class: "visually-hidden" }, `对${subject.name}的意见`),
      answersOf(paper, subject).map((answer) => radio(i, answer)),
    ),
    isCandidates(paper) && paper.roll.length > 0 && insteadField(i, subject.name, paper),
    el("p", { class: "bl-full", hidden: true, id: `f${i}` }),
  );
}

export function drawPaper(form, paper) {
  form.replaceChildren(...paper.subjects.map((subject, i) => candidate(subject, i, paper)));
}

function seats(place, { all }, paper) {
  place.replaceChildren(...Array.from({ length: Math.min(paper.seats, 12) }, (_, i) => el("i", { class: i < all ? "f" : "" })));
  place.setAttribute("aria-label", `已选${all}名，应选${paper.seats}名`);
}

/** After every mark: shows the write-in only below 不赞成, locks 赞成 when the seats are full and says why, counts. */
export function settle(form, paper, count, dots) {
  const marked = marksOn(form, paper);
  if (!isCandidates(paper)) {
    count.textContent = `已填 ${marked.marks.filter((mark) => mark !== null).length} / ${paper.subjects.length}`;
    return;
  }
  const now = taken(marked);
  const others = new Set(marked.written.filter((name) => name !== null));
  every("[data-subject]", form).forEach((section, i) => lock(section, i, marked, now.all >= paper.seats, others, paper));
  count.textContent = `已选 ${now.all} / ${paper.seats}` + (now.instead ? `（赞成 ${now.approved}，另选 ${now.instead}）` : "");
  seats(dots, now, paper);
}

function lock(section, i, { marks, written }, full, others, paper) {
  const approve = find('input[value="for"]', section);
  const [why, instead] = [find(".bl-full", section), find(".bl-instead", section)];
  const locked = full && marks[i] !== "for" && written[i] === null;
  approve.disabled = locked;
  approve.toggleAttribute("aria-describedby", false);
  if (locked) approve.setAttribute("aria-describedby", why.id);
  why.hidden = !locked;
  why.textContent = locked ? `已选满 ${paper.seats} 名。要赞成${paper.subjects[i].name}，先改动另一人。` : "";
  if (!instead) return;
  instead.hidden = marks[i] !== "against";
  const choice = find("select", instead);
  choice.disabled = locked;
  every("option", choice).forEach((option) => (option.disabled = option.value !== "" && option.value !== written[i] && others.has(option.value)));
}

/** The marks as the arithmetic wants them: unmarked is 弃权. `fault` says in the voter's words what does not hold. */
export function choiceOf(marked, paper) {
  if (isCandidates(paper)) {
    const choice = {
      marks: marked.marks.map((mark) => mark ?? "abstain"),
      written: marked.written.filter((number) => number !== null).map(Number),
    };
    return { choice, fault: faultOf(paper.facts, choice) };
  }
  const choice = { marks: marked.marks.map((mark, i) => (mark === null ? abstention(paper.subjects[i]) : Number(mark))) };
  return { choice, fault: faultOf(paper.facts, choice) };
}

function abstention(subject) {
  const at = subject.answers.indexOf(ABSTAIN);
  return at < 0 ? null : at;
}

function answerWords(marked, i, paper) {
  const mark = marked.marks[i];
  if (!isCandidates(paper)) return [mark === null ? ABSTAIN : paper.subjects[i].answers[Number(mark)]];
  const [, sign, word] = MARKS.find(([value]) => value === (mark ?? "abstain"));
  const instead = marked.written[i];
  return [`${sign} ${word}`, instead !== null && el("small", {}, "另选：", el("b", {}, paper.roll[Number(instead)]))];
}

/** The review: every subject with what was marked; what was left open is named 弃权. */
export function reviewRows(marked, paper) {
  return paper.subjects.map((subject, i) =>
    el(
      "li",
      {},
      el("span", { class: "k" }, subject.name),
      el("span", { class: "v" }, answerWords(marked, i, paper), marked.marks[i] === null && el("small", { class: "dim" }, "没有填，按弃权算")),
    ),
  );
}

export function verdict(marked, paper) {
  if (!isCandidates(paper)) return "每一项都只有一个答案。";
  const { approved, instead, all } = taken(marked);
  const parts = instead ? `赞成 ${approved} 名，另选 ${instead} 名，合计 ${all} 名` : `赞成 ${approved} 名`;
  return `${parts}，没有超过应选的 ${paper.seats} 名。`;
}

/** The marks that an opened ballot holds, from its slots. */
export function openedMarks(opening, paper) {
  const holds = (slot) => opening[slot]?.value === 1;
  if (!isCandidates(paper)) {
    return { marks: paper.subjects.map((subject, i) => String(subject.answers.findIndex((_, j) => holds(`q${i}.${j}`)))), written: [] };
  }
  const named = paper.roll.map((_, number) => number).filter((number) => holds(`w${number}`));
  const marks = paper.subjects.map((_, i) => (holds(`a${i}`) ? "for" : holds(`d${i}`) ? "against" : "abstain"));
  const written = marks.map((mark) => (mark === "against" && named.length ? String(named.shift()) : null));
  return { marks, written };
}
