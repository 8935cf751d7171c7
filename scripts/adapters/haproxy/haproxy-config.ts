/**
 * What the balancer of a local environment is: pure data, rendered into HAProxy's own language (2.4 and
 * later).
 */
export type Balancer = {
  bind: { address: string; port: number };
  /** Path and longest request of the public service; a null path is checked by connecting only. */
  healthPath: string | null;
  longestRequestSeconds: number;
  adminSocket: string;
  servers: readonly BalancerServer[];
};

/**
 * `out`: not in rotation. It stands in the file, so that neither a restart nor a crash brings the host back.
 */
export type BalancerServer = { name: string; address: string; port: number; out: boolean };

export const backendName = 'hosts';

/** The cookie that keeps a client with its host. */
export const balancerCookie = 'LOCKSTEP';

/**
 * Why these options:
 * - `http-server-close`: a connection to a host ends with its answer, so that a host that leaves can't cut a
 *   request sent on an idle connection; clients still keep theirs.
 * - `disable-l7-retry unless METH_GET`: GET and HEAD are sent again, to another host, when a host closes
 *   without a word. A POST may have been carried out already: only a connection that never opened is tried
 *   again.
 * - `cookie … indirect`: the balancer's own cookie; the app never sees it.
 * - `health down` on entering (see haproxy-traffic.ts), `fastinter`, `rise 1`: the first good check admits.
 */
export function renderHaproxyConfig(balancer: Balancer): string {
  const { bind, longestRequestSeconds: longest } = balancer;
  return [
    'global',
    '  maxconn 2000',
    '  nbthread 1',
    `  stats socket ${quoted(balancer.adminSocket)} mode 600 level admin expose-fd listeners`,
    // A reload lets requests in flight end; what takes longer than the longest request is cut.
    `  hard-stop-after ${longest + 5}s`,
    'defaults',
    '  mode http',
    '  timeout connect 2s',
    `  timeout client ${longest + 5}s`,
    `  timeout server ${longest}s`,
    '  timeout queue 5s',
    // A dead host refuses at once; a slow answer may only mean that the developer's machine is busy.
    '  timeout check 5s',
    '  timeout http-request 30s',
    '  timeout http-keep-alive 60s',
    '  option http-server-close',
    '  option redispatch 1',
    '  retries 3',
    '  retry-on conn-failure empty-response',
    'frontend public',
    `  bind ${bind.address}:${bind.port}`,
    `  default_backend ${backendName}`,
    `backend ${backendName}`,
    '  balance roundrobin',
    '  http-request disable-l7-retry unless METH_GET',
    '  http-request set-header X-Forwarded-Proto http',
    '  option forwardfor',
    `  cookie ${balancerCookie} insert indirect nocache httponly`,
    ...renderCheck(balancer.healthPath),
    '  default-server check inter 1s fastinter 100ms downinter 250ms rise 1 fall 3',
    ...balancer.servers.map(
      ({ name, address, port, out }) =>
        `  server ${word(name)} ${address}:${port} cookie ${word(name)}${out ? ' disabled' : ''}`,
    ),
    '',
  ].join('\n');
}

function renderCheck(healthPath: string | null): string[] {
  if (healthPath === null) return [];
  return [
    '  option httpchk',
    `  http-check send meth GET uri ${quoted(healthPath)} ver HTTP/1.1 hdr Host lockstep hdr Connection close`,
    '  http-check expect status 200-399',
  ];
}

/** HAProxy's strong quotes: nothing inside is special but the quote itself, which no path of ours holds. */
function quoted(text: string): string {
  if (!/^[\x21-\x26\x28-\x7e]+$/.test(text)) {
    throw new TypeError(`can't be written into the balancer's configuration: ${JSON.stringify(text)}`);
  }
  return `'${text}'`;
}

function word(name: string): string {
  if (!/^[A-Za-z0-9-]+$/.test(name)) throw new TypeError(`not the name of a host: ${JSON.stringify(name)}`);
  return name;
}
