/**
 * Inputs that hold a secret by their name, whatever the service. `…Wo` and `…WoVersion` are the provider's
 * write-only twins.
 */
const secretInput =
  /(^|[a-z])(passwords?|passphrases?|secretstring|secretbinary|authtoken|accesstoken|apikey|apitoken|accesskey|secretkey|privatekey|clientsecret|credentials?|token)(wo)?$/i;

/** Names that look alike and hold none. */
const harmlessInput =
  /^(httptokens|keyid|ispublickey|manage\w*password|\w*passwordrequired|\w*(arn|arns|id|ids|name|names))$/i;

export function isSecretInput(name: string): boolean {
  return secretInput.test(name.replaceAll(/[-_]/g, '')) && !harmlessInput.test(name.replaceAll(/[-_]/g, ''));
}

/**
 * Published formats of credentials: long enough, and with marks of their own, that no id or hash is taken for
 * one.
 */
const shapes: readonly [string, RegExp][] = [
  ['an AWS access key', /(?<![A-Z0-9])(AKIA|ASIA)[A-Z2-7]{16}(?![A-Z0-9])/],
  ['a private key', /-----BEGIN [A-Z ]*PRIVATE KEY-----/],
  ['a GitHub token', /(?<![A-Za-z0-9])(gh[pousr]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{60,})/],
  ['a Slack token', /(?<![A-Za-z0-9])xox[abpr]-[A-Za-z0-9-]{10,}/],
  ['a Hugging Face token', /(?<![A-Za-z0-9])hf_[A-Za-z]{34}(?![A-Za-z])/],
  ['a Telegram bot token', /(?<![0-9])\d{8,10}:[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/],
  ['an API key', /(?<![A-Za-z0-9])(sk|rk)[-_](live|test|proj|ant)[-_][A-Za-z0-9_-]{20,}/],
  ['a Google API key', /(?<![A-Za-z0-9])AIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])/],
  ['a signed token', /(?<![A-Za-z0-9])eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}/],
  // A shell or a token may stand where the password would: then it is composed on the host.
  ['a URL with a password', /[a-z][a-z0-9+.-]*:\/\/[^\s/:@"'$«{]*:[^\s/@"'$«{]+@/i],
];

/** What a text holds that looks like a secret, in words; null for none. */
export function secretIn(text: string): string | null {
  return shapes.find(([, shape]) => shape.test(text))?.[0] ?? null;
}
