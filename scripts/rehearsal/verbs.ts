import { Command } from 'commander';
import type { Context, Register, Result, Run } from '../console/command.ts';
import { createProgram, globalOptions } from '../console/program.ts';
import { type ErrorKind, failed, LockstepError } from '../domain/errors.ts';

/** The outcome of a verb: its result, or the error that it would have printed. */
export type VerbOutcome = { result: Result; error: null } | { result: null; error: LockstepError };

/** Runs verbs as a person would type them, through the same parser and the same code, in this process. */
export class Verbs {
  readonly #verbs: readonly Register[];
  readonly #context: Context;
  readonly #project: string;

  constructor(verbs: readonly Register[], context: Context, project: string) {
    this.#verbs = verbs;
    this.#context = context;
    this.#project = project;
  }

  async run(...words: string[]): Promise<VerbOutcome> {
    let result: Result = { json: null, text: '' };
    const run: Run =
      (work) =>
      async (...args) => {
        const command = args.at(-1);
        if (!(command instanceof Command)) throw new TypeError('a commander action ends with its command');
        result = await work({ ...this.#context, options: globalOptions(command), colour: false }, ...args);
      };
    try {
      await createProgram(this.#verbs, run).parseAsync([...words, '--project', this.#project], {
        from: 'user',
      });
      return { result, error: null };
    } catch (error) {
      if (error instanceof LockstepError) return { result: null, error };
      throw error;
    }
  }

  /** A verb that must exit 0. */
  async succeed(...words: string[]): Promise<Result> {
    const { result, error } = await this.run(...words);
    if (error !== null) throw error;
    if ((result.exitCode ?? 0) !== 0) {
      throw failed(`\`lockstep ${words.join(' ')}\` exited ${result.exitCode}`, {
        details: result.text.split('\n'),
      });
    }
    return result;
  }

  /** A verb that must end in an error of this kind. */
  async endWith(kind: ErrorKind, ...words: string[]): Promise<LockstepError> {
    const { error } = await this.run(...words);
    if (error === null)
      throw failed(`\`lockstep ${words.join(' ')}\` succeeded, but should have ended as ${kind}`);
    if (error.kind !== kind) throw error;
    return error;
  }
}
