import { MockMonitor } from '@pulumi/pulumi/runtime/mocks.js';
import { attributesOf } from '../../../infra/aws/sdk-attributes.ts';
import { type GraphResource, token } from '../../domain/plan/graph.ts';
import { stateOf } from './computed-state.ts';
import { type RegisterRequest, resourceOf } from './register-request.ts';

type Callback = (error: unknown, response: unknown) => void;

/**
 * Answers a program as an engine would that has just created everything: what the program gave comes back,
 * and every attribute that AWS computes comes back as a token. Keeps each request as it came, options
 * included.
 */
export class RecordingMonitor extends MockMonitor {
  readonly recorded: GraphResource[] = [];
  readonly problems: string[] = [];
  /** Types by name of custom resources: a token names no type, so no two of them may share a name. */
  readonly #types = new Map<string, string>();

  constructor() {
    super({
      call: () => ({}),
      newResource: ({ type, name, inputs, custom }) => ({
        id: custom === true ? token(name, 'id') : undefined,
        state: stateOf(type, name, inputs),
      }),
    });
  }

  override async registerResource(request: RegisterRequest, callback: Callback): Promise<void> {
    const resource = resourceOf(request);
    this.recorded.push(resource);
    if (resource.custom || request.getRemote()) this.#checkType(resource);
    await super.registerResource(request, callback);
  }

  /** The program looks nothing up: what a lookup answers is neither reviewed nor pinned. */
  override async invoke(request: { getTok(): string }, callback: Callback): Promise<void> {
    this.problems.push(`${request.getTok()} is looked up: pin the value, or take it from the settings`);
    const empty = { getReturn: () => undefined, getFailuresList: () => [] };
    callback(null, empty);
  }

  override async readResource(request: RegisterRequest, callback: Callback): Promise<void> {
    this.problems.push(
      `${request.getName()} (${request.getType()}) is read: name it by its id in the settings`,
    );
    await super.readResource(request, callback);
  }

  #checkType({ type, name }: GraphResource): void {
    const other = this.#types.get(name);
    this.#types.set(name, type);
    if (other !== undefined) this.problems.push(`two resources are named ${name}: ${other} and ${type}`);
    if (!type.startsWith('pulumi:') && attributesOf(type) === undefined) {
      this.problems.push(`${name} has the type ${type}, which no installed SDK declares`);
    }
  }
}
