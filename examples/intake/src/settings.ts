/**
 * Everything the app reads from its environment, checked once at start: all problems at once, then it stops.
 */
export type Settings = {
  host: string;
  port: number;
  workers: number;
  publicName: string;
  publicUrl: string;
  /** Signs the session cookie. */
  sessionKey: string;
  redisUrl: string | undefined;
  llm: { baseUrl: string; model: string; temperature: number; timeoutMilliseconds: number };
  sessionStore: 'redis' | 'file' | 'memory';
  uploads: 'shared' | 'local';
  faults: Faults;
};

/** Failures seen in the field, brought back one by one so that tests can watch them being caught. */
export type Faults = {
  missingModule: boolean;
  slowStartSeconds: number;
  /** The worker exits in the middle of this request; 0: never. */
  crashAfterRequests: number;
  /** This stage answers 200 with an error inside. */
  stage: string | undefined;
};

type Environment = Readonly<Record<string, string | undefined>>;

/** `argv`: `--host H --port P --workers N`. Throws one error that names every problem. */
export function readSettings(argv: readonly string[], environment: Environment): Settings {
  const problems: string[] = [];
  const argument = (name: string, otherwise: string) => {
    const at = argv.indexOf(`--${name}`);
    return at < 0 ? otherwise : (argv[at + 1] ?? otherwise);
  };
  const needed = (name: string, pattern = /./) => {
    const value = environment[name] ?? '';
    if (!pattern.test(value))
      problems.push(`${name} ${value === '' ? 'is missing' : `doesn't match ${pattern}`}`);
    return value;
  };
  const choice = <T extends string>(name: string, allowed: readonly [T, ...T[]]): T => {
    const value = environment[name];
    if (value === undefined || value === '') return allowed[0];
    const known = allowed.find((each) => each === value);
    if (known === undefined) problems.push(`${name} is "${value}"; allowed: ${allowed.join(', ')}`);
    return known ?? allowed[0];
  };
  const whole = (name: string) => {
    const value = environment[name] ?? '0';
    if (!/^\d+$/.test(value)) problems.push(`${name} is "${value}"; allowed: a whole number`);
    return Number(value);
  };

  const sessionStore = choice('SESSION_STORE', ['redis', 'file', 'memory']);
  const settings: Settings = {
    host: argument('host', '127.0.0.1'),
    port: Number(argument('port', '8080')),
    workers: Number(argument('workers', '2')),
    publicName: needed('PUBLIC_NAME'),
    publicUrl: needed('PUBLIC_URL', /^https?:\/\//),
    sessionKey: needed('SESSION_KEY', /^.{32,}$/),
    // Without Redis the app does not start: falling back to memory would lose sessions silently.
    redisUrl: sessionStore === 'redis' ? needed('REDIS_URL', /^rediss?:\/\//) : environment.REDIS_URL,
    llm: {
      baseUrl: needed('LLM_BASE_URL', /^https?:\/\//).replace(/\/$/, ''),
      model: needed('LLM_MODEL'),
      temperature: Number(needed('LLM_TEMPERATURE', /^\d(\.\d+)?$/)),
      timeoutMilliseconds: 20_000,
    },
    sessionStore,
    uploads: choice('UPLOADS', ['shared', 'local']),
    faults: {
      missingModule: choice('FAULT_MISSING_MODULE', ['no', 'yes']) === 'yes',
      slowStartSeconds: whole('FAULT_SLOW_START_SECONDS'),
      crashAfterRequests: whole('FAULT_CRASH_AFTER_REQUESTS'),
      stage: environment.FAULT_STAGE || undefined,
    },
  };
  if (!Number.isInteger(settings.port) || !(settings.workers >= 1))
    problems.push('--port and --workers are numbers');
  if (problems.length > 0) throw new Error(`intake can't start:\n  ${problems.join('\n  ')}`);
  return settings;
}
