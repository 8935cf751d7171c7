/** What a build step may see of the machine: everything else would make two machines build two releases. */
const passed = [
  'PATH',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'NODE_EXTRA_CA_CERTS',
  'REQUESTS_CA_BUNDLE',
  'CURL_CA_BUNDLE',
  'PIP_CONFIG_FILE',
  'PIP_INDEX_URL',
  'PIP_EXTRA_INDEX_URL',
  'PIP_FIND_LINKS',
  'PIP_NO_INDEX',
  'PIP_TRUSTED_HOST',
  'PIP_CERT',
  'PIP_CACHE_DIR',
];
const passedInAnyCase = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'NPM_CONFIG_REGISTRY',
  'NPM_CONFIG_USERCONFIG',
  'NPM_CONFIG_GLOBALCONFIG',
  'NPM_CONFIG_CACHE',
  'NPM_CONFIG_CAFILE',
];

export type BuildPlace = { tree: string; home: string; temporary: string };

/**
 * The environment of build steps and checks: the same on every machine except for the PATH and how packages
 * are reached. `commitTime` in seconds. Settings that keep known sources of difference out (see `build
 * --check`).
 */
export function buildEnvironment(
  ambient: Readonly<Record<string, string | undefined>>,
  place: BuildPlace,
  commitTime: number,
): Record<string, string> {
  const kept = Object.entries(ambient).flatMap(([name, value]) =>
    value !== undefined && (passed.includes(name) || passedInAnyCase.includes(name.toUpperCase()))
      ? [[name, value] as const]
      : [],
  );
  const known = Object.fromEntries(kept);
  const home = ambient.HOME;
  const anyCase = (wanted: string) => Object.keys(known).some((name) => name.toUpperCase() === wanted);
  // HOME is fresh, so the registries, credentials and caches of the real one are passed by name.
  const ofHome: Record<string, string> = {};
  if (home !== undefined) {
    if (!anyCase('NPM_CONFIG_USERCONFIG')) ofHome.npm_config_userconfig = `${home}/.npmrc`;
    if (!anyCase('NPM_CONFIG_CACHE')) ofHome.npm_config_cache = `${home}/.npm`;
    if (!anyCase('PIP_CACHE_DIR')) ofHome.PIP_CACHE_DIR = `${home}/.cache/pip`;
  }
  const prefixMap = `-g0 -ffile-prefix-map=${place.tree}=. -ffile-prefix-map=${place.temporary}=/tmp`;
  return {
    ...known,
    ...ofHome,
    HOME: place.home,
    TMPDIR: place.temporary,
    TZ: 'UTC',
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    CI: 'true',
    SOURCE_DATE_EPOCH: String(commitTime),
    PYTHONDONTWRITEBYTECODE: '1',
    PYTHONHASHSEED: '0',
    PYTHONNOUSERSITE: '1',
    // pip inverts this one: a false value enables --no-compile (its documentation, "Boolean options").
    PIP_NO_COMPILE: '0',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
    PIP_NO_INPUT: '1',
    npm_config_update_notifier: 'false',
    npm_config_fund: 'false',
    npm_config_audit: 'false',
    CFLAGS: prefixMap,
    CXXFLAGS: prefixMap,
  };
}
