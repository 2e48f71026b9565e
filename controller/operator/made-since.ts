/** Whether something was made at this time or later. An API server knows the second in which an object was made, and no more. */
export function isMadeSince(madeAt: string, at: string): boolean {
  return secondOf(madeAt) >= secondOf(at);
}

function secondOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
