/** A kind of secret: what it looks like, and what is left of it. */
interface Secret {
  pattern: RegExp;
  replace: (match: string, ...groups: (string | undefined)[]) => string;
}

const mark = (kind: string) => (): string => `[redacted ${kind}]`;

/** Luhn's check digit: tells a card number from any other sixteen digits, nine times in ten. */
function isCard(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const doubled = digit * 2;
    sum += i % 2 === 0 ? digit : doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}

/**
 * What looks like a secret. Texts come from strangers and may be long, so every pattern starts where a word does and has a
 * bounded middle: none takes more than linear time.
 */
const SECRETS: Secret[] = [
  {
    pattern: /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g,
    replace: mark('private key'),
  },
  {
    // keys that say by their prefix what they are: model providers, GitHub, GitLab, Slack, AWS, Google, Stripe, npm, Hugging Face
    pattern:
      /(?<![A-Za-z0-9])(?:(?:sk|pk|rk|whsec)[-_][\w-]{16,}|gh[pousr]_\w{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|AIza[\w-]{30,}|ya29\.[\w-]{16,}|npm_\w{30,}|hf_\w{20,}|r8_\w{30,}|gsk_\w{20,}|xai-\w{20,})/g,
    replace: mark('key'),
  },
  // GitHub's are like no word, also where something stands right before them
  { pattern: /gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9]{20}\w*/g, replace: mark('key') },
  { pattern: /(?<![\w-])eyJ[\w-]{10,}\.[\w-]{5,}(?:\.[\w-]*)?/g, replace: mark('token') },
  {
    pattern: /(?<![\w-])(bearer|basic|token) +([\w+/.~-]{12,}=*)/gi,
    // two words of prose are no credentials: those have digits or capitals inside
    replace: (match, scheme, value = '') => (/\d|[a-z][A-Z]/.test(value) ? `${scheme} [redacted token]` : match),
  },
  {
    pattern: /(:\/\/[^\s/:@"']{1,64}):[^\s/@"']{1,128}@/g,
    replace: (_, user) => `${user}:[redacted password]@`,
  },
  {
    // password=…, "api_key": "…", also where quotes are escaped, as in JSON within JSON
    pattern:
      /(?<![\w-])([\w-]{0,40}?(?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|credentials?|authorization|cookie|token))(\\*["']?\s{0,4}(?:=|:)\s{0,4}\\*["']?)(?!\[redacted)([^\s"'\\,;&<>{}[\]]{3,})/gi,
    replace: (match, name, sign, value = '') =>
      /^(?:\d+|true|false|null|undefined|none|bearer|basic)$/i.test(value) ? match : `${name}${sign}[redacted]`,
  },
  {
    pattern: /(?<![\w.+-])[2-6]\d{3}(?:([ -]?)\d{4}\1\d{4}\1\d{1,7}|([ -]?)\d{6}\2\d{5})(?![\w.-]?\d)/g,
    replace: (match) => (isCard(match.replace(/[ -]/g, '')) ? '[redacted card]' : match),
  },
  {
    pattern: /(?<![\w.%+-])[\w.%+-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.){1,5}[A-Za-z]{2,24}(?![\w@-]|\.\w)/g,
    replace: mark('e-mail'),
  },
];

/** Any of them, to pass over text without secrets in one go. */
const ANY = SECRETS.map(({ pattern }) => new RegExp(pattern.source, pattern.flags.replace('g', '')));
const SHORTEST = 6;

/** Short texts that were looked at and held nothing: model names and destinations come again with every span. */
const MAX_CLEAN = 4096;
const MAX_CLEAN_LENGTH = 80;
const clean = new Set<string>();

/** `text` in which keys, tokens, passwords, card numbers and e-mail addresses are replaced by what they were. */
export function redactSecrets(text: string): string {
  if (text.length < SHORTEST || clean.has(text)) return text;
  let redacted = text;
  for (const [i, { pattern, replace }] of SECRETS.entries()) {
    if (ANY[i]!.test(redacted)) redacted = redacted.replace(pattern, replace);
  }
  if (redacted === text && text.length <= MAX_CLEAN_LENGTH) {
    if (clean.size >= MAX_CLEAN) clean.clear();
    clean.add(text);
  }
  return redacted;
}

/** Keys whose values are secrets, whatever these look like. */
const TELLING =
  /(?:^|[._-])(?:password|passwd|passphrase|pwd|secret|api[_-]?key|access[_-]?key|private[_-]?key|authorization|cookie|(token))$/i;

/** What our own patterns say of an attribute's key. */
export interface KeyFacts {
  /** The key without secrets in itself. */
  name: string;
  /** Whether a text, or a number, under this key is a secret. A number of a `token` counts them. */
  hidesText: boolean;
  hidesNumber: boolean;
}

/** Keys are few and come again with every span. */
const MAX_KEYS = 4096;
const MAX_KEY_LENGTH = 256;
const keys = new Map<string, KeyFacts>();

export function factsOf(key: string): KeyFacts {
  let facts = keys.get(key);
  if (facts === undefined) {
    const telling = TELLING.exec(key);
    const isToken = telling?.[1] !== undefined;
    const hides = telling !== null && !(isToken && /usage/i.test(key));
    facts = { name: redactSecrets(key), hidesText: hides, hidesNumber: hides && !isToken };
    if (keys.size >= MAX_KEYS) keys.clear();
    if (key.length <= MAX_KEY_LENGTH) keys.set(key, facts);
  }
  return facts;
}
