/** A shell command that submits the same job. The key is taken from the environment, so that none is pasted anywhere. */
export function curlCommand(
  origin: string,
  job: { type: string; payload: unknown },
  withKey: boolean,
): string {
  const body = JSON.stringify({ type: job.type, payload: job.payload });
  const lines = [
    `curl ${quoted(`${origin}/v1/jobs`)}`,
    ...(withKey ? ['-H "Authorization: Bearer $HEAVYLIFT_API_KEY"'] : []),
    "-H 'Content-Type: application/json'",
    `-d ${quoted(body)}`,
  ];
  return lines.join(' \\\n  ');
}

/** As a POSIX shell takes it, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
