/**
 * report: problems, verdicts and plans as text and Markdown. Pure: a record in, a string out.
 * Everything that came from a device or a repository passes `printable` or a Markdown escape on its way.
 */
export { type Advice, adviseDevice } from './advice.ts';
export { formatChangePlan } from './change-plan-text.ts';
export { planMarkdown, type PlanMarkdownOptions } from './plan-markdown.ts';
export { formatPlan, formatPlanNext } from './plan-text.ts';
export { countProblems, formatProblems, plural, problemRecords } from './problems.ts';
export { formatReview } from './review-text.ts';
export { sayBeside } from './record-lists.ts';
export { formatRecordPlan } from './record-plan-text.ts';
export { formatRecord, formatReportedRecords } from './record-text.ts';
export { colored, plain, printable, type Style } from './style.ts';
export { verdictsMarkdown } from './verdicts-markdown.ts';
export { formatTextDiff } from './text-diff.ts';
export { countVerdicts, formatDetails, formatVerdicts, formatWhy, verdictRecords } from './verdict-text.ts';
export { describeLetter, formatWholePlan, type WholePlan, wholePlanMarkdown } from './whole-plan-text.ts';
