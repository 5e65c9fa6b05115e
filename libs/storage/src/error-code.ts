/** Whether it is a system error with one of these codes, like `ENOENT`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  // No instanceof: an error of Node's own is of another realm where the code runs in a vm context.
  return typeof error === 'object' && error !== null && 'code' in error && codes.includes(String(error.code));
}
