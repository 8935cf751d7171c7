/** What one user has answered so far. Each stage needs the session and the file of the ones before. */
export type Intake = {
  upload: { id: string; name: string; rows: number } | undefined;
  state: string | undefined;
  facilityLevel: string | undefined;
  ageGroup: string | undefined;
};

export type Question = 'state' | 'facilityLevel' | 'ageGroup';
export type Stage = 'upload' | Question | 'result';

export const choices: Readonly<Record<Question, readonly string[]>> = {
  state: ['Abia', 'Kano', 'Lagos', 'Oyo'],
  facilityLevel: ['primary', 'secondary', 'tertiary'],
  ageGroup: ['under-5', '5-14', '15-49', '50-plus'],
};

export const emptyIntake: Intake = {
  upload: undefined,
  state: undefined,
  facilityLevel: undefined,
  ageGroup: undefined,
};

/** The stage that comes next; `result` when every question is answered. */
export function nextStage(intake: Intake): Stage {
  if (intake.upload === undefined) return 'upload';
  for (const question of ['state', 'facilityLevel', 'ageGroup'] as const) {
    if (intake[question] === undefined) return question;
  }
  return 'result';
}

export function isQuestion(text: string): text is Question {
  return Object.hasOwn(choices, text);
}

/**
 * The intake with one more answer, or why the answer is not accepted. Answers come in order; a later one may
 * be given again.
 */
export function answer(intake: Intake, question: Question, value: unknown): Intake | { problem: string } {
  const order: readonly Stage[] = ['upload', 'state', 'facilityLevel', 'ageGroup', 'result'];
  if (order.indexOf(nextStage(intake)) < order.indexOf(question)) {
    return { problem: `first comes "${nextStage(intake)}"` };
  }
  if (typeof value !== 'string' || !choices[question].includes(value)) {
    return { problem: `"${question}" is one of: ${choices[question].join(', ')}` };
  }
  return { ...intake, [question]: value };
}

/**
 * How many rows of the upload are about this facility level and age group; columns are found by their names.
 */
export function countCases(csv: string, facilityLevel: string, ageGroup: string): number {
  const [header = '', ...lines] = csv.split(/\r?\n/).filter((line) => line.trim() !== '');
  const columns = header.split(',').map((name) => name.trim());
  const level = columns.indexOf('facility_level');
  const age = columns.indexOf('age_group');
  return lines
    .map((line) => line.split(',').map((cell) => cell.trim()))
    .filter((cells) => cells[level] === facilityLevel && cells[age] === ageGroup).length;
}
