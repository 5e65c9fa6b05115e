/** How much of a file its type is read from. */
export const headBytes = 16 * 1024;

const svg = /^\s*(<\?xml[^>]*>\s*)?(<!--[\s\S]*?-->\s*)*(<!DOCTYPE svg[^>]*>\s*)?<svg[\s>]/i;

/** The media type that the first bytes of a file show; its name is not asked. */
export async function mediaTypeOf(head: Uint8Array): Promise<string> {
  // Loaded with the first file: 45 files that a gateway without uploads never needs.
  const { fileTypeFromBuffer } = await import('file-type');
  const found = await fileTypeFromBuffer(head);
  // XML says what it is only in its first element.
  if (found && found.mime !== 'application/xml') return found.mime;
  const text = textOf(head);
  if (text === undefined) return found?.mime ?? 'application/octet-stream';
  return svg.test(text) ? 'image/svg+xml' : (found?.mime ?? 'text/plain');
}

/** The head as text, when it is some. */
function textOf(head: Uint8Array): string | undefined {
  const text = new TextDecoder().decode(head.subarray(0, headBytes - 4), { stream: true });

  return /[\u0000-\u0008\u000e-\u001f\ufffd]/.test(text) ? undefined : text;
}
