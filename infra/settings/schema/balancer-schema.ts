import { z } from 'zod';

const stickySeconds = z
  .int()
  .min(1)
  .max(604_800)
  .default(86_400)
  .describe(
    'Seconds that a browser stays with the same host. Afterwards, or when that host goes, it meets another: sessions must not live on a host.',
  );

/** Target group stickiness (ELBv2 TargetGroupAttribute). Exactly these two exist. */
const stickinessSchema = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('lb_cookie'), durationSeconds: stickySeconds }),
    z.strictObject({
      type: z.literal('app_cookie'),
      cookieName: z
        .string()
        .regex(/^[A-Za-z0-9_.-]{1,256}$/, 'letters, digits and _ . -')
        .describe(
          'The cookie that the app itself sets. Names that start with `AWSALB` belong to the balancer and are refused.',
        ),
      durationSeconds: stickySeconds,
    }),
  ])
  .describe(
    'What keeps a browser with one host: `lb_cookie`, a cookie of the balancer; `app_cookie`, a cookie that the app sets, for as long as it is there.',
  );

export const balancerSchema = z
  .strictObject({
    stickiness: stickinessSchema.prefault({ type: 'lb_cookie' }),
    certificate: z
      .enum(['given', 'requested'])
      .default('given')
      .describe(
        '`given`: `identity.certificate`. `requested`: ACM issues one for `identity.domain`, proved by a record in `identity.hostedZone`; `pulumi up` waits until it is issued.',
      ),
    dnsRecord: z
      .boolean()
      .default(false)
      .describe(
        'Whether to create the record of `identity.domain` in `identity.hostedZone`. Without it somebody has to point the name at the balancer.',
      ),
    webAcl: z
      .boolean()
      .default(false)
      .describe('Whether to put the web ACL `identity.webAcl` (AWS WAF) before the balancer.'),
    // Policies with TLS 1.3 (ELB "Security policies for your Application Load Balancer").
    tlsPolicy: z
      .enum([
        'ELBSecurityPolicy-TLS13-1-3-2021-06',
        'ELBSecurityPolicy-TLS13-1-2-2021-06',
        'ELBSecurityPolicy-TLS13-1-2-Res-2021-06',
      ])
      .default('ELBSecurityPolicy-TLS13-1-2-2021-06')
      .describe(
        'TLS versions and ciphers offered to browsers. `1-3` shuts out everything without TLS 1.3; `1-2-Res` takes TLS 1.2 with forward secrecy and AEAD only.',
      ),
    healthIntervalSeconds: z
      .int()
      .min(5)
      .max(300)
      .default(10)
      .describe(
        'Seconds between two health checks of a host. Longer: failures are noticed later and every roll takes longer. Must exceed `healthTimeoutSeconds`.',
      ),
    healthTimeoutSeconds: z
      .int()
      .min(2)
      .max(120)
      .default(5)
      .describe('Seconds that a health check may take. Too short: hosts under load count as unhealthy.'),
    healthyThreshold: z
      .int()
      .min(2)
      .max(10)
      .default(2)
      .describe(
        'Checks in a row that must succeed before a host gets requests. Times `healthIntervalSeconds`, it must fit into `rollout.healthyTimeoutSeconds`.',
      ),
    unhealthyThreshold: z
      .int()
      .min(2)
      .max(10)
      .default(3)
      .describe('Checks in a row that must fail before a host gets no more requests and is replaced.'),
    slowStartSeconds: z
      .literal(0)
      .or(z.int().min(30).max(900))
      .default(0)
      .describe(
        'Seconds over which a new host gets a growing share of the requests, for apps that warm caches; 0: its full share at once.',
      ),
    idleTimeoutSeconds: z.int().min(1).max(4000).nullable().default(null).meta({
      description:
        'Seconds without a byte after which the balancer ends a connection; clients then get 504. Must exceed the longest request. The app must keep idle connections longer (binding `KEEP_ALIVE_SECONDS`), or clients get 502.',
      unset: 'solved: the longest request plus 10',
    }),
    deregistrationDelaySeconds: z.int().min(0).max(3600).nullable().default(null).meta({
      description:
        'Seconds that requests in flight get when a host leaves. Shorter than the longest request: rolls cut requests. Longer: rolls take longer.',
      unset: 'solved: the longest request',
    }),
    accessLogDays: z
      .int()
      .min(1)
      .max(3650)
      .default(90)
      .describe('Days that access logs (every request, with the address of the client) are kept in S3.'),
    deletionProtection: z
      .boolean()
      .default(true)
      .describe(
        'Whether deleting the balancer is refused, by AWS and by Pulumi. A deleted balancer comes back under another address.',
      ),
  })
  .describe('The public load balancer: TLS, health checks, and how requests find a host.');
