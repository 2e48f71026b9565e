import type { FleetApproval } from '../../api/index.ts';

/**
 * The users behind all signers of a change. Undefined as soon as one is not known: whoever that is must not approve what they wrote, so
 * nobody can be told apart from them. A signer with several users is each of them.
 */
export function authorsOf(signers: readonly string[] | undefined, authors: FleetApproval['authors']): readonly string[] | undefined {
  if (signers === undefined) return undefined;
  const users = signers.map((signer) => usersOf(signer, authors));
  return users.some((each) => each.length === 0) ? undefined : [...new Set(users.flat())].toSorted();
}

function usersOf(signer: string, authors: FleetApproval['authors']): readonly string[] {
  return [...new Set(authors.filter((each) => each.signer === signer).map(({ user }) => user))];
}
