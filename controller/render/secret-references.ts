import type { DeviceIntent, SecretRef, SecretUse } from '../api/index.ts';

/** A secret as templates and raw files name it. The parent puts the token in its place; the sandbox does not even see that. */
const reference = /<secret:(?!hmac-|unset-)([a-z0-9](?:[-a-z0-9.]*[a-z0-9])?)\/([A-Za-z0-9][-._A-Za-z0-9]*)>/g;

/** Anything that begins like a token or a reference. */
const lookalike = /<secret:[^\s>]*>?/g;

/** What a secret that no field of a kind names is used for: a raw section, or a template of the repository. */
const otherPurpose = 'template';

export function referenceText({ name, key }: SecretRef): string {
  return `<secret:${name}/${key}>`;
}

/** Puts tokens in place of references, and lists what was used. Sorted by reference. */
export function resolveReferences(
  text: string,
  intent: DeviceIntent,
  tokenOf: (ref: SecretRef, purpose: string) => string,
): { text: string; secrets: SecretUse[] } {
  const purposes = new Map(intent.secrets.map(({ ref, purpose }) => [`${ref.name}/${ref.key}`, purpose]));
  const uses = new Map<string, SecretUse>();
  const resolved = text.replaceAll(reference, (_whole, name: string, key: string) => {
    const id = `${name}/${key}`;
    const known = uses.get(id);
    if (known !== undefined) return known.token;
    const purpose = purposes.get(id) ?? otherPurpose;
    const use = { token: tokenOf({ name, key }, purpose), ref: { name, key }, purpose };
    uses.set(id, use);
    return use.token;
  });
  return { text: resolved, secrets: [...uses.values()].sort((a, b) => (referenceText(a.ref) < referenceText(b.ref) ? -1 : 1)) };
}

/** The first text that looks like a secret's token but is no reference: a token written by hand, or a reference with a mistake. */
export function findForgedToken(text: string): string | undefined {
  return text.replaceAll(reference, '').match(lookalike)?.[0];
}
